"""Structured pruning: inner channels of the backbone's expand–project pairs are removed, residual widths stay.

Each pair is widen → gate → narrow. Which channels are removed, and how the others compensate, follows from least
squares: with the inner activations' second moments G, removing channel j from a fitted `narrow` adds |w_j|² ÷ (G⁻¹)_jj
to the squared error of its output, and the rest is refitted exactly (Optimal Brain Surgeon, Hassibi, Stork 1993, for
whole columns). How much of each pair to remove is decided by the error at the head's input, since a pair's own error
says little about its effect. No weights are trained, so that nothing is forgotten that the lines do not show.
"""

import copy
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import Backbone, Block, pooled
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.tensors import Image

GROUP = 32
"""Channels are removed in groups of the size of vectors of bytes on every machine."""

_DAMPING = 1e-3


@dataclass
class Moments:
    """Second moments of one pair's inner activations, the constant 1 for the bias being the last of them.

    Attributes:
        gram: (C+1)×(C+1), summed over positions.
        positions: how many were summed.
    """

    gram: NDArray[np.float64]
    positions: int = 0


@dataclass(frozen=True)
class Cut:
    """One pair after channels were removed.

    Attributes:
        kept: indices of the channels that stay, ascending.
        narrow: out×kept weights.
        bias: out.
    """

    kept: NDArray[np.intp]
    narrow: NDArray[np.float64]
    bias: NDArray[np.float64]


@torch.no_grad()
def moments(backbone: Backbone, lines: Iterable[Image]) -> list[Moments]:
    """Run lines (48×W×3 BGR) through the backbone and gather every pair's moments."""
    blocks = _blocks(backbone)
    gathered = [Moments(np.zeros((b.widen.out_channels + 1,) * 2)) for b in blocks]
    for line in lines:
        x = backbone.stem(torch.tensor(tensors.to_input([line])))
        for block, sums in zip(blocks, gathered, strict=True):
            entering = block.excite(block.spatial(x))
            inner = block.activation(block.widen(entering))
            narrowed = block.narrow(inner)
            x = narrowed if block.shrinks else entering + narrowed
            rows = inner[0].flatten(1)
            rows = torch.cat((rows, torch.ones_like(rows[:1])))
            sums.gram += (rows @ rows.T).double().numpy()
            sums.positions += rows.shape[1]
    return gathered


def cuts(block: Block, sums: Moments) -> list[Cut]:
    """The possible cuts of one pair, from none to half of it, in steps of a group of channels."""
    weight = block.narrow.weight.detach().double().numpy()[:, :, 0, 0]
    bias = block.narrow.bias
    assert bias is not None
    rows = np.concatenate((weight, bias.detach().double().numpy()[:, None]), 1)
    gram = sums.gram / sums.positions
    inverse = np.linalg.inv(gram + np.eye(len(gram)) * _DAMPING * np.trace(gram) / len(gram))
    left = np.arange(len(gram))
    found = [Cut(left[:-1], weight, rows[:, -1])]
    while 2 * (len(left) - 1) > len(weight[0]):
        costs = (rows**2).sum(0)[:-1] / np.diag(inverse)[:-1]
        goes = int(costs.argmin())
        rows = rows - np.outer(rows[:, goes], inverse[goes] / inverse[goes, goes])
        inverse = inverse - np.outer(inverse[:, goes], inverse[goes]) / inverse[goes, goes]
        rows, left = np.delete(rows, goes, 1), np.delete(left, goes)
        inverse = np.delete(np.delete(inverse, goes, 0), goes, 1)
        if (len(left) - 1) % GROUP == 0:
            found.append(Cut(left[:-1], rows[:, :-1], rows[:, -1]))
    return found


def all_cuts(backbone: Backbone, sums: Sequence[Moments]) -> list[list[Cut]]:
    """The possible cuts of each pair."""
    return [cuts(block, found) for block, found in zip(_blocks(backbone), sums, strict=True)]


@torch.no_grad()
def prices(student: Crnn, options: Sequence[Sequence[Cut]], lines: Tensor) -> list[list[float]]:
    """The error of each cut of each pair alone: the squared error of the head's input as a share of its variance.

    Args:
        student: the whole network.
        options: for each pair, its cuts.
        lines: N×3×48×W, normalised.
    """
    blocks = _blocks(student.backbone)
    entering = [student.backbone.stem(lines)]
    for block in blocks:
        entering.append(block(entering[-1]))

    def head_input(x: Tensor, number: int) -> Tensor:
        for block in blocks[number:]:
            x = block(x)
        result: Tensor = student.neck(pooled(x))
        return result

    wanted = head_input(entering[-1], len(blocks))
    found = []
    for number, (block, cuts_) in enumerate(zip(blocks, options, strict=True)):
        errors = [0.0]
        for cut in cuts_[1:]:
            guess = head_input(cut_block(block, cut)(entering[number]), number + 1)
            errors.append(float((guess - wanted).square().mean() / wanted.var()))
        found.append(errors)
    return found


def choose(errors: Sequence[Sequence[float]], costs: Sequence[Sequence[float]], share: float) -> list[int]:
    """Choose a cut for each pair, so that a share (0–1) of the pairs' cost is removed with the least summed error.

    Args:
        errors: for each pair, the error of each cut.
        costs: for each pair, the cost of each cut, in any unit, descending.
        share: of the whole cost, to be removed.

    Raises:
        ValueError: the cuts do not remove that much.
    """
    places = [0] * len(errors)
    goal = (1 - share) * sum(cost[0] for cost in costs)
    while sum(cost[place] for cost, place in zip(costs, places, strict=True)) > goal:
        steps = [
            (error[place + 1] - error[place]) / (cost[place] - cost[place + 1]) if place + 1 < len(cost) else math.inf
            for error, cost, place in zip(errors, costs, places, strict=True)
        ]
        cheapest = int(np.argmin(steps))
        if steps[cheapest] == math.inf:
            raise ValueError(f"{share:.0%} cannot be cut away")
        places[cheapest] += 1
    return places


def cut_block(block: Block, cut: Cut) -> Block:
    """A pruned copy of a block."""
    smaller = copy.deepcopy(block)
    kept = torch.tensor(cut.kept)
    assert block.widen.bias is not None
    smaller.widen = _layer(block.widen.weight[kept], block.widen.bias[kept])
    smaller.narrow = _layer(torch.tensor(cut.narrow)[:, :, None, None], torch.tensor(cut.bias))
    return smaller


def pruned(whole: Crnn, lines: Sequence[Image], priced: Tensor, share: float) -> tuple[Crnn, list[int]]:
    """A copy of a network without a share of its pairs' multiplications.

    Args:
        whole: the network.
        lines: 48×W×3 BGR, for the moments of inner activations.
        priced: N×3×48×W, normalised, for the errors of cuts.
        share: 0–1.

    Returns:
        The pruned network, and the number of inner channels left in each pair.
    """
    options = all_cuts(whole.backbone, moments(whole.backbone, lines))
    places = choose(prices(whole, options, priced), cut_costs(whole.backbone, options), share)
    return cut(whole, options, places), [len(found[place].kept) for found, place in zip(options, places, strict=True)]


def cut(whole: Crnn, options: Sequence[Sequence[Cut]], places: Sequence[int]) -> Crnn:
    """A copy of a network with the chosen cut of each pair."""
    student = copy.deepcopy(whole)
    for number, (block, found, place) in enumerate(zip(_blocks(whole.backbone), options, places, strict=True)):
        student.backbone.blocks[number] = cut_block(block, found[place])
    return student


def _blocks(backbone: Backbone) -> list[Block]:
    return [block for block in backbone.blocks if isinstance(block, Block)]


def _layer(weight: Tensor, bias: Tensor) -> nn.Conv2d:
    layer = nn.Conv2d(weight.shape[1], weight.shape[0], 1)
    layer.weight.data.copy_(weight)
    assert layer.bias is not None
    layer.bias.data.copy_(bias)
    return layer


def cut_costs(backbone: Backbone, options: Sequence[Sequence[Cut]]) -> list[list[float]]:
    """For each cut of each pair, its multiplications per column of features."""
    rows, costs = 12, []
    for block, cuts_ in zip(_blocks(backbone), options, strict=True):
        rows = rows // 2 if block.shrinks else rows
        channels = block.widen.in_channels + block.narrow.out_channels
        costs.append([float(2 * rows * channels * len(cut.kept)) for cut in cuts_])
    return costs
