"""Rounds the weights of a matrix such that pairs of products fit in 16 bits, and the result's error is small.

x86-64 CPUs without VNNI multiply two unsigned bytes by two neighbouring weights and add the products in 16 bits, which
saturate beyond 32,767. Where neither the positive nor the negative weights of a pair exceed 128 in sum, they cannot:
255 × 128 = 32,640. So the fast kernels are exact on these CPUs as well. Such pairs are few (one in a hundred, of most
matrices), but three rows in four have one. A row's step grows, or single weights shrink, whichever costs less; weights
that are rounded later compensate, as in `rounding`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.weight_pairs import PAIR_LEVELS, largest_pair
from edgeocr.model.training.integer.ranges import WEIGHT_LEVELS
from edgeocr.model.training.integer.rounding import Matrix, compensation

_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Tried steps of a row, as shares of the way from its own to one with which every pair fits as it is."""


@dataclass(frozen=True)
class Rows:
    """A matrix of bytes.

    Attributes:
        steps: rows×in, whole numbers of −127…127.
        growth: of each row's step, a factor of at least 1.
    """

    steps: NDArray[np.int8]
    growth: Matrix


def fitted(steps: NDArray[np.int8], gram: Matrix) -> Rows:
    """A matrix whose pairs fit; rows whose pairs do already stay as they are.

    Args:
        steps: rows×in, in the order in which a kernel pairs them.
        gram: second moments of the inputs, in×in.
    """
    odd = steps.shape[1] % 2
    wanted = np.pad(steps.astype(np.float64), ((0, 0), (0, odd)))
    moments = np.pad(gram, (0, odd))
    most = np.maximum(largest_pair(steps) / PAIR_LEVELS, 1.0)
    best, growth, least = steps.astype(np.float64), most.copy(), np.full(len(steps), np.inf)
    for share in _SHARES:
        factor = 1 + share * (most - 1)
        found = _rounded(wanted / factor[:, np.newaxis], moments)
        lost = wanted - found * factor[:, np.newaxis]
        error = ((lost @ moments) * lost).sum(1)
        better = error < least
        least = np.where(better, error, least)
        growth = np.where(better, factor, growth)
        best[better] = found[better, : steps.shape[1]]
    return Rows(best.astype(np.int8), growth)


def _rounded(wanted: Matrix, gram: Matrix) -> Matrix:
    """Whole numbers near these, whose pairs fit, with a small squared error over inputs of these second moments."""
    sizes = np.diag(gram).reshape(-1, 2).sum(1)
    first = np.argsort(-sizes, kind="stable") * 2
    order = np.stack([first, first + 1], 1).ravel()
    factor = compensation(gram, order)
    left, found = wanted[:, order].copy(), np.empty_like(wanted)
    taken = np.zeros(len(wanted))
    for place, column in enumerate(order):
        values = left[:, place]
        is_first = place % 2 == 0
        if is_first:
            other = left[:, place + 1]
            together = np.abs(values) + np.abs(other)
            excess = np.where(values * other > 0, np.maximum(together - PAIR_LEVELS, 0), 0)
            room = np.maximum(np.abs(values) - excess / 2, 0)
        else:
            room = np.where(values * taken > 0, PAIR_LEVELS - np.abs(taken), WEIGHT_LEVELS)
        limit = np.minimum(np.floor(room + 0.5 * is_first), WEIGHT_LEVELS)
        steps = np.clip(np.rint(values), -limit, limit)
        taken = steps
        found[:, column] = steps
        error = (values - steps) / factor[place, place]
        left[:, place + 1 :] -= np.outer(error, factor[place, place + 1 :])
    return found
