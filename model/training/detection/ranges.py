"""Chooses the range of each tensor's 255 steps: observed on pages, then adjusted to the layers around it.

A range is the mean over pages of each page's minimum and maximum: a global extreme would let one outlier cost all other
values their precision, and percentiles cut off what matters most. A tensor with one number per channel, as after a
global mean, has no outliers, and its range covers all values.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from edgeocr.model.training.detection.forward import run
from edgeocr.model.training.detection.layers import Kind, Layer, original

STEPS = 255
_LOGIT = 5.0
"""Beyond it a probability is practically 0 or 1."""


@dataclass(frozen=True)
class Encoding:
    """The encoding of uint8 numbers: (number − zero_point) × scale."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class Range:
    """The minimum and the maximum of the values that steps distinguish."""

    low: float
    high: float

    def encoding(self) -> Encoding:
        """An encoding that covers the range and has an exact zero."""
        low, high = min(self.low, 0.0), max(self.high, 0.0, self.low + 1e-6)
        scale = float(np.float32((high - low) / STEPS))
        return Encoding(scale, round(-low / scale))

    def __or__(self, other: "Range") -> "Range":
        return Range(min(self.low, other.low), max(self.high, other.high))


def observe(layers: Sequence[Layer], pages: Iterable[dict[str, Tensor]]) -> dict[str, Range]:
    """The range of every layer's output over pages, each given as the network's inputs."""
    seen: dict[str, list[tuple[float, float]]] = {layer.output: [] for layer in layers}
    single: set[str] = set()

    def watch(layer: Layer, value: Tensor) -> None:
        seen[layer.output].append((float(value.min()), float(value.max())))
        if value.shape[2:] == (1, 1):
            single.add(layer.output)

    for page in pages:
        run(layers, page, watch)
    result = {}
    for name, extremes in seen.items():
        lows, highs = np.array(extremes).T
        result[name] = Range(lows.min(), highs.max()) if name in single else Range(lows.mean(), highs.mean())
    return result


def adjusted(layers: Sequence[Layer], seen: dict[str, Range]) -> dict[str, Range]:
    """Ranges as the integer graph needs them.

    Clamps become the range's ends, so that saturation replaces them. An input of hard swishes or sigmoids alone ends
    where these are flat. Copies keep their source's range, and concatenated tensors share one.
    """
    ranges = dict(seen)
    for layer in layers:
        least, most = ranges[layer.output].low, ranges[layer.output].high
        if layer.low == 0:
            least = 0.0
        if math.isfinite(layer.high):
            most = layer.high
        ranges[layer.output] = Range(least, most)
    for layer in layers:
        source = layer.inputs[0]
        match layer.kind:
            case Kind.HARD_SWISH:
                ranges[source] = Range(max(ranges[source].low, -3.0), ranges[source].high)
            case Kind.SIGMOID:
                ranges[source], ranges[layer.output] = Range(-_LOGIT, _LOGIT), Range(0.0, 1.0)
    given = {layer.output: layer for layer in layers}
    for layer in layers:
        if layer.kind is Kind.CONCAT:
            joined = ranges[layer.output]
            for name in layer.inputs:
                joined |= ranges[original(given, name)]
            for name in (layer.output, *layer.inputs):
                ranges[original(given, name)] = joined
    return {name: ranges[original(given, name)] for name in ranges}
