"""Rounds the weights of matrices so that the error of a layer's output is least on typical inputs.

Rounding each weight to the nearest step ignores that channels are correlated. Here one input channel after the other is
rounded, and the remaining channels compensate for its error by least squares over the inputs' second moments (Frantar
et al. 2022, arXiv 2210.17323). Only the rounding changes, so that nothing is forgotten that the lines do not show.
"""

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Rounded, row_steps
from edgeocr.model.training.integer.ranges import WEIGHT_LEVELS, Range
from edgeocr.model.training.networks import tensors
from edgeocr.model.training.networks.backbone import Backbone
from edgeocr.model.training.networks.tensors import Image

_DAMPING = 0.01
_MOST_POSITIONS = 2000
"""Of one line, of which a layer's inputs are taken."""

Matrix = NDArray[np.float64]


class _Moments(Rounded):
    """Runs the rounded backbone, and collects moments of the inputs of pointwise convolutions.

    Attributes:
        grams: second moments of each layer's inputs, in×in.
        layers: by the same names.
    """

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        super().__init__(ranges)
        self.grams: dict[str, Matrix] = {}
        self.layers: dict[str, nn.Conv2d] = {}

    def apply(self, name: str, x: Tensor, layer: nn.Conv2d) -> Tensor:
        if layer.kernel_size == (1, 1) and x.shape[2:] != (1, 1):
            rows = x.transpose(0, 1).flatten(1)
            kept = torch.linspace(0, rows.shape[1] - 1, min(_MOST_POSITIONS, rows.shape[1])).long()
            part = rows[:, kept].double()
            gram = (part @ part.T).numpy()
            self.grams[name] = self.grams.get(name, 0.0) + gram
            self.layers[name] = layer
        return super().apply(name, x, layer)


def compensation(gram: Matrix, order: NDArray[np.intp]) -> Matrix:
    """How columns make up for the errors of those before them: an upper triangular matrix.

    Where a column's error is its element of the diagonal, the elements to the right are what later columns lose.

    Args:
        gram: in×in.
        order: in which the columns are rounded.
    """
    sorted_gram = gram[np.ix_(order, order)]
    damped = sorted_gram + np.eye(len(gram)) * _DAMPING * np.trace(gram) / len(gram)
    return np.linalg.cholesky(np.linalg.inv(damped)).T


def rounded_by_moments(weight: Matrix, scale: Matrix, gram: Matrix) -> Matrix:
    """Weights rounded to the steps of their rows, with a small squared error over inputs of these second moments.

    Args:
        weight: out×in.
        scale: the size of a step, of each row.
        gram: in×in.
    """
    order = np.argsort(-np.diag(gram), kind="stable")
    factor = compensation(gram, order)
    left, found = weight[:, order].copy(), np.empty_like(weight)
    for place in range(len(order)):
        column = left[:, place]
        steps = np.clip(np.rint(column / scale), -WEIGHT_LEVELS, WEIGHT_LEVELS)
        found[:, order[place]] = steps * scale
        error = (column - steps * scale) / factor[place, place]
        left[:, place + 1 :] -= np.outer(error, factor[place, place + 1 :])
    return found


@torch.no_grad()
def round_matrices(backbone: Backbone, ranges: Mapping[str, Range], lines: Sequence[Image]) -> Backbone:
    """A copy of a backbone whose pointwise convolutions' weights are rounded jointly.

    Args:
        backbone: in floats.
        ranges: of its quantised results.
        lines: 48×W×3 BGR, of every kind.
    """
    result = copy.deepcopy(backbone)
    moments = _Moments(ranges)
    for line in lines:
        look(result, torch.tensor(tensors.to_input([line])), moments)
    for name, layer in moments.layers.items():
        _, scale = row_steps(layer.weight)
        weight = layer.weight[:, :, 0, 0].double().numpy()
        steps = scale.flatten().double().numpy()
        found = rounded_by_moments(weight, steps, moments.grams[name])
        # A row's largest weight stays a whole number of steps, so that its scale can be derived from the weights.
        largest = np.abs(weight).argmax(1)
        rows = np.arange(len(weight))
        found[rows, largest] = weight[rows, largest]
        layer.weight.data[:, :, 0, 0] = torch.tensor(found).float()
    return result
