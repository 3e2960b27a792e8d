"""The backbone as a graph of integer operators."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from edgeocr.model.training.integer.backbone import GATE_SLOPE
from edgeocr.model.training.integer.graphs.front import FrontWriter
from edgeocr.model.training.integer.graphs.writer import Bytes, GraphWriter
from edgeocr.model.training.integer.ranges import LEVELS, Range
from edgeocr.model.training.networks.backbone import Excite

PIXELS = Bytes("pixels", 2 / LEVELS, 128)
"""Encoding of pixels: the network's −1…1 in steps of 1/127.5; the zero point 127.5 has to be rounded to a byte."""

_PIXEL_SHIFT = 1 / LEVELS
"""Difference of a pixel's real value to its value by PIXELS."""

_CORNER = [0, 0, 1, 1]


Value = Bytes | str
"""A tensor of bytes, or the name of a float tensor, for results without a range."""


class BackboneWriter:
    """Interprets the backbone by writing nodes."""

    def __init__(self, graph: GraphWriter, ranges: Mapping[str, Range]) -> None:
        self._graph = graph
        self._ranges = ranges
        self._front = FrontWriter(graph)

    def convolve(self, name: str, x: Value, layer: nn.Conv2d, *, relu: bool = False, corner: bool = False) -> Value:
        if name not in self._ranges:
            return self._front.convolve(name, self._front.entered(x) if isinstance(x, Bytes) else x, layer)
        x = _bytes(x)
        range_ = self._ranges[name]
        if relu and range_.zero_point != 0:
            raise ValueError(f"{name}: a range from {range_.low} does not clamp at zero")
        return self._convolve(name, x, layer, range_, _CORNER if corner else _pads(layer))

    def _convolve(self, name: str, x: Bytes, layer: nn.Conv2d, range_: Range, pads: list[int]) -> Bytes:
        weight, bias = numbers(layer)
        if x is PIXELS:
            bias = bias + _PIXEL_SHIFT * weight.sum((1, 2, 3))
        return self._graph.convolve(
            name, x, weight, bias, range_, strides=list(layer.stride), pads=pads, group=layer.groups
        )

    def max_pool(self, x: Value) -> Value:
        x = _bytes(x)
        return self._graph.max_pool(f"{x.name}.largest", x, kernel_shape=[2, 2], strides=[1, 1], pads=_CORNER)

    def concatenate(self, name: str, first: Value, second: Value) -> Value:
        return self._graph.concatenate(name, _bytes(first), _bytes(second), self._ranges[name])

    def excite(self, name: str, x: Value, layer: Excite) -> Value:
        if isinstance(x, str):
            return self._front.left(name, self._front.excite(name, x, layer), self._ranges[name])
        mean = self._graph.global_average(f"{name}.mean", x, self._ranges[f"{name}.mean"])
        squeezed = self._convolve(f"{name}.squeeze", mean, layer.squeeze, self._ranges[f"{name}.squeeze"], [0] * 4)
        # A hard sigmoid is x ÷ 6 + ½ between 0 and 1, where bytes saturate: only the encoding changes.
        weight, bias = numbers(layer.excite)
        gate = self._ranges[f"{name}.gate"]
        whole = Range(GATE_SLOPE * gate.low, GATE_SLOPE * gate.high)
        wide = self._graph.convolve(f"{name}.gate", squeezed, weight, bias + GATE_SLOPE / 2, whole)
        return self._graph.combine("QLinearMul", name, x, wide.reread(1 / GATE_SLOPE), self._ranges[name])

    def gate(self, name: str, x: Value) -> Value:
        if isinstance(x, str):
            return self._front.gate(name, x)
        gate = self._graph.sigmoid(f"{name}.gate", x, self._ranges[f"{name}.gate"])
        return self._graph.combine("QLinearMul", name, x, gate, self._ranges[name])

    def add(self, name: str, first: Value, second: Value) -> Value:
        return self._graph.combine("QLinearAdd", name, _bytes(first), _bytes(second), self._ranges[name])

    def average(self, name: str, x: Value, channels: int) -> Bytes:
        x = _bytes(x)
        # A depthwise convolution: ONNX Runtime's quantised average pool goes through floats.
        weight = np.full((channels, 1, 3, 2), 1 / 6, np.float32)
        bias = np.zeros(channels, np.float32)
        return self._graph.convolve(name, x, weight, bias, self._ranges[name], strides=[3, 2], group=channels)


def _bytes(x: Value) -> Bytes:
    assert isinstance(x, Bytes)
    return x


def numbers(layer: nn.Conv2d) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A layer's weight and bias."""
    assert layer.bias is not None
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def _pads(layer: nn.Conv2d) -> list[int]:
    pads: Any = layer.padding
    return [*pads, *pads]
