"""Makes a narrower copy of the detector's neck: channels chosen greedily, what reads them fitted by least squares.

A channel is worth as much as the convolutions that read it make of it. The copy is fitted to what the original gives on
rendered pages; `distill` teaches it further.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edgeocr.model.training.data.text import Rng
from edgeocr.model.training.detection.forward import Weights, run, weights_of
from edgeocr.model.training.detection.least_squares import Matrix, explaining, ridge
from edgeocr.model.training.detection.neck import Gated, Neck, Scale

_CHOICE_POINTS = 6000
_SCALE_POINTS = 12_000
_HEAD_POINTS = 20_000
"""Places of a scale that channels are chosen by, and that its convolution and the head's are fitted to."""

_STRENGTH = 1e-4
_GATE_STRENGTH = 1e-3
"""A gate has one example a crop only."""

_KERNEL = 3

Places: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""Images, rows and columns of as many pixels."""


def narrowed(neck: Neck, taken: Mapping[str, Tensor], inner: int, outputs: int, rng: Rng) -> Weights:
    """Weights of all convolutions of a narrower neck and its head.

    Args:
        neck: the original.
        taken: what the backbone gives the neck on some crops of pages, by name.
        inner: channels of every scale within the neck.
        outputs: of each scale.
        rng: draws the pixels that it is fitted to.
    """
    return _Fit(neck, taken, rng).narrowed(inner, outputs)


class _Fit:
    """The original's weights and what it gives."""

    def __init__(self, neck: Neck, taken: Mapping[str, Tensor], rng: Rng) -> None:
        self._neck, self._rng = neck, rng
        self._own = weights_of(neck.layers)
        names = {neck.joined}
        for scale in neck.scales:
            names |= {scale.inner.mean, scale.summed, scale.out.convolution, scale.out.mean}
        values = run(neck.layers, taken, keep=names)
        self._values = {name: values[name].numpy() for name in names}

    def narrowed(self, inner: int, outputs: int) -> Weights:
        """Weights of a neck that has as many channels."""
        new = dict(self._own)
        within = self._inner_channels(inner)
        joined: list[int] = []
        first = 0
        for scale in self._neck.scales:
            weights, bias = self._own[scale.inner.convolution]
            new[scale.inner.convolution] = weights[within], bias[within]
            new |= self._gate(scale.inner, within)
            width = len(self._own[scale.out.convolution][1])
            kept = self._output_channels(first, width, outputs)
            new[scale.out.convolution] = self._output(scale, within, kept)
            new |= self._gate(scale.out, kept)
            joined += [first + channel for channel in kept]
            first += width
        new[self._neck.head] = self._head(joined)
        return new

    def _inner_channels(self, count: int) -> list[int]:
        columns = []
        for scale in self._neck.scales:
            values, made = self._values[scale.summed], self._values[scale.out.convolution]
            read_by = self._own[scale.out.convolution][0].numpy()
            columns.append(_at(values, self._places(values, _CHOICE_POINTS)) * _worth(read_by) / made.std())
        return explaining(np.concatenate(columns), count)

    def _output_channels(self, first: int, width: int, count: int) -> list[int]:
        """Those of one scale, by what the head makes of them."""
        values = self._values[self._neck.joined][:, first : first + width]
        read_by = self._own[self._neck.head][0].numpy()[:, first : first + width]
        return explaining(_at(values, self._places(values, _CHOICE_POINTS)) * _worth(read_by), count)

    def _gate(self, gated: Gated, kept: Sequence[int]) -> Weights:
        """The excitation from the means of some channels, for these."""
        weights, bias = self._own[gated.squeeze]
        means = self._values[gated.mean][:, :, 0, 0].astype(np.float64)
        given = means @ weights[:, :, 0, 0].numpy().T
        fitted, shift = ridge(means[:, kept], given, _GATE_STRENGTH)
        excite, excite_bias = self._own[gated.excite]
        return {
            gated.squeeze: (_float(fitted.T[:, :, np.newaxis, np.newaxis]), bias + _float(shift)),
            gated.excite: (excite[kept], excite_bias[kept]),
        }

    def _output(self, scale: Scale, within: Sequence[int], kept: Sequence[int]) -> tuple[Tensor, Tensor]:
        values = self._values[scale.summed]
        places = self._places(values, _SCALE_POINTS)
        wanted = _at(self._values[scale.out.convolution], places)[:, kept]
        return _convolution(_around(values, places)[:, within], wanted)

    def _head(self, kept: Sequence[int]) -> tuple[Tensor, Tensor]:
        values = self._values[self._neck.joined]
        around = _around(values, self._places(values, _HEAD_POINTS))
        weights, bias = (value.numpy() for value in self._own[self._neck.head])
        wanted = around.reshape(len(around), -1) @ weights.reshape(len(weights), -1).T + bias
        return _convolution(around[:, kept], wanted)

    def _places(self, values: NDArray[np.float32], count: int) -> Places:
        images, _, height, width = values.shape
        rng = self._rng
        return rng.integers(0, images, count), rng.integers(0, height, count), rng.integers(0, width, count)


def _convolution(around: Matrix, wanted: Matrix) -> tuple[Tensor, Tensor]:
    """A 3×3 convolution that makes N×O numbers of what is N×I×9 around them."""
    weights, bias = ridge(around.reshape(len(around), -1), wanted, _STRENGTH)
    return _float(weights.T.reshape(wanted.shape[1], -1, _KERNEL, _KERNEL)), _float(bias)


def _worth(weights: NDArray[np.float32]) -> Matrix:
    """How much a convolution makes of each of its inputs."""
    worth: Matrix = np.sqrt((weights.astype(np.float64) ** 2).sum((0, 2, 3)))
    return worth


def _at(values: NDArray[np.float32], places: Places) -> Matrix:
    """N×C numbers at places of images."""
    images, rows, columns = places
    return values[images, :, rows, columns].astype(np.float64)


def _around(values: NDArray[np.float32], places: Places) -> Matrix:
    """N×C×9 numbers around places of images, row by row, zero beyond the edge."""
    images, rows, columns = places
    padded = functional.pad(torch.from_numpy(values), (1, 1, 1, 1)).numpy()
    near = [_at(padded, (images, rows + y, columns + x)) for y in range(_KERNEL) for x in range(_KERNEL)]
    return np.stack(near, 2)


def _float(values: Matrix) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)
