"""Puts channels in an order in which few pairs of neighbouring weights are too large together."""

import numpy as np
import onnx
from numpy.typing import NDArray

from edgeocr.model.networks.weight_pairs import PAIR_LEVELS
from edgeocr.model.training.integer.channels import Channels, Part, free_channels
from edgeocr.model.training.integer.matrices import Array, constants, put_constants
from edgeocr.model.training.integer.rounding import Matrix


def order_channels(model: onnx.ModelProto) -> None:
    """Reorder a graph's channels, in place; its results stay the same."""
    values = constants(model)
    for channels in free_channels(model):
        pairs = [part for part in channels.read if values[part.name].dtype == np.int8]
        if channels.count % 2 or any(part.first % 2 for part in pairs) or not pairs:
            continue
        order = paired(excess(np.concatenate([_rows(values, part, channels) for part in pairs])))
        for part in (*channels.made, *channels.read):
            _reorder(values[part.name], part, order)
    put_constants(model, values)


def excess(rows: NDArray[np.int8]) -> Matrix:
    """How much each two channels are too large together: squares of what a pair exceeds 128 by, summed over rows.

    Args:
        rows: rows×channels.
    """
    found = np.zeros((rows.shape[1], rows.shape[1]))
    for signed in (np.maximum(rows, 0), np.maximum(-rows.astype(np.int16), 0)):
        for row in signed.astype(np.float32):
            found += np.maximum(row[:, np.newaxis] + row - PAIR_LEVELS, 0) ** 2
    return found


def paired(cost: Matrix) -> NDArray[np.intp]:
    """An order whose pairs, two by two, cost little together: the next best for each, then swaps while they help.

    Args:
        cost: of each two, symmetrical.
    """
    cost = cost.copy()
    np.fill_diagonal(cost, np.inf)
    pairs = _begun(cost)
    while True:
        a, b = pairs.T
        now = cost[a, b][:, np.newaxis] + cost[a, b]
        swaps = (cost[a[:, np.newaxis], a] + cost[b[:, np.newaxis], b],
                 cost[a[:, np.newaxis], b] + cost[b[:, np.newaxis], a])  # fmt: skip
        gains = [now - after for after in swaps]
        for gain in gains:
            np.fill_diagonal(gain, 0)
        kind = int(gains[1].max() > gains[0].max())
        first, second = np.unravel_index(np.argmax(gains[kind]), now.shape)
        if gains[kind][first, second] <= 1e-9:
            return pairs.ravel()
        partner = (a, b)[kind][second]
        pairs[first], pairs[second] = ((a[first], partner), (b[first], (b, a)[kind][second]))


def _begun(cost: Matrix) -> NDArray[np.intp]:
    """Pairs, those first that fit badly with most others."""
    left = np.ones(len(cost), bool)
    pairs = []
    for one in np.argsort(-np.where(np.isinf(cost), 0, cost).sum(1), kind="stable"):
        if left[one]:
            left[one] = False
            other = int(np.argmin(np.where(left, cost[one], np.inf)))
            left[other] = False
            pairs.append((int(one), other))
    return np.array(pairs)


def _rows(values: dict[str, Array], part: Part, channels: Channels) -> Array:
    """The part's weights, rows×channels."""
    kept = np.moveaxis(values[part.name], part.axis, -1)[..., part.first : part.first + channels.count]
    return kept.reshape(-1, channels.count)


def _reorder(value: Array, part: Part, order: NDArray[np.intp]) -> None:
    moved = np.moveaxis(value, part.axis, 0)
    moved[part.first : part.first + len(order)] = moved[part.first + order]
