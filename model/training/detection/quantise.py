"""Converts float layers and the ranges of their tensors to the integer graph."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray

from edgeocr.model.training.detection.integer_graph import IntegerGraph, Tensor
from edgeocr.model.training.detection.layers import Array, Kind, Layer
from edgeocr.model.training.detection.ranges import STEPS, Encoding, Range

INPUT, OUTPUT = "pixels", "probabilities"
_UNIT = Encoding(1 / STEPS, 0)
"""0–1."""
_FEW_CHANNELS = 16
_PAIR = 2


def integer_model(
    layers: Sequence[Layer], ranges: Mapping[str, Range], source: str, zero_point: int
) -> onnx.ModelProto:
    """The detector: 1×H×W×3 uint8 BGR in, H×W uint8 probabilities (0–255) out; H and W are multiples of 32.

    Args:
        layers: the float network; its last three are two transposed convolutions and a sigmoid.
        ranges: of every layer's output.
        source: name of the network's input.
        zero_point: the pixel value that is zero for the network.
    """
    writer = _Writer(ranges)
    writer.start(source, zero_point)
    for layer in layers:
        writer.write(layer)
    last = writer.tensors[layers[-1].output]
    writer.graph.unfolded(last, writer.blocks[layers[-1].output], OUTPUT)
    return writer.graph.model(OUTPUT, ["map_height", "map_width"])


class _Writer:
    """Writes layer after layer.

    Kernels are fastest with sixteen channels, so that where there are few, adjacent pixels become channels of one. The
    output of transposed convolutions also stays folded into channels.
    """

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self.graph = IntegerGraph("detector")
        self.tensors: dict[str, Tensor] = {}
        self.blocks: dict[str, int] = {}
        self._beside: dict[str, int] = {}
        self._ranges = ranges

    def start(self, source: str, zero_point: int) -> None:
        """Begin with the input, whose adjacent pixels may become channels."""
        pixels = self.graph.pixels(INPUT, [1, "height", "width", 3], Encoding(1.0, zero_point))
        self.tensors[source], self._beside[source] = pixels, 1

    def write(self, layer: Layer) -> None:
        """Write one layer."""
        graph, given = self.graph, [self.tensors[name] for name in layer.inputs]
        to = self._ranges[layer.output].encoding()
        block = self.blocks.get(layer.inputs[0], 1)
        match layer.kind:
            case Kind.CONV:
                result = self._convolution(layer, to)
            case Kind.UPCONV:
                assert layer.weights is not None
                assert layer.bias is not None
                weights, bias = folded(layer.weights, block), np.tile(layer.bias, 4 * block * block)
                result, block = graph.convolution(given[0], weights, bias, to), 2 * block
            case Kind.HARD_SWISH:
                x = given[0]
                # x ÷ 6 + ½, which saturates at 0 and 1.
                gate = graph.add(x.read_as(x.encoding.scale / 6, x.encoding.zero_point), graph.number(0.5), _UNIT)
                result = graph.multiply(x, gate, to)
            case Kind.GATE:
                factor = graph.add(given[1], graph.number(1.0), Encoding(2 / STEPS, 0))
                result = graph.multiply(given[0], factor, to)
            case Kind.MEAN:
                result = graph.mean(given[0], to)
            case Kind.ADD:
                assert given[0].channels == given[1].channels
                result = graph.add(given[0], given[1], to)
            case Kind.UPSAMPLE:
                result = graph.upsample(given[0], layer.factor)
            case Kind.CONCAT:
                result = graph.concat(given)
            case Kind.SIGMOID:
                result = graph.sigmoid(given[0], to)
        self.tensors[layer.output] = result
        if layer.kind in {Kind.HARD_SWISH, Kind.ADD} and layer.inputs[0] in self._beside:
            self._beside[layer.output] = self._beside[layer.inputs[0]]
        self.blocks[layer.output] = block

    def _convolution(self, layer: Layer, to: Encoding) -> Tensor:
        assert layer.weights is not None
        assert layer.bias is not None
        (source,), graph = layer.inputs, self.graph
        x, now = self.tensors[source], self._beside.get(source, 1)
        if source not in self._beside or len(layer.weights) >= _FEW_CHANNELS:
            x = graph.beside(x, x.channels // now)
            strides, pads = (layer.stride,) * 2, (layer.pad,) * 4
            return graph.convolution(x, layer.weights, layer.bias, to, strides, pads, layer.groups)
        self._beside[layer.output] = _PAIR
        x = graph.beside(x, x.channels // now * layer.stride * _PAIR)
        weights, left, right = paired(layer)
        pads = layer.pad, left, layer.pad, right
        return graph.convolution(x, weights, np.tile(layer.bias, _PAIR), to, (layer.stride, 1), pads)


def paired(layer: Layer) -> tuple[NDArray[np.float32], int, int]:
    """A convolution that writes two adjacent pixels as channels of one.

    Returns:
        Weights for an input with 2·stride adjacent pixels as channels of one, and the padding left and right in these
        wider pixels. Its horizontal stride is one.
    """
    assert layer.weights is not None
    outputs, _, height, width = layer.weights.shape
    dense = layer.weights
    if layer.groups > 1:
        dense = np.zeros((outputs, outputs, height, width), np.float32)
        dense[range(outputs), range(outputs)] = layer.weights[:, 0]
    beside = _PAIR * layer.stride
    taps = [(pixel, tap, *divmod(layer.stride * pixel + tap - layer.pad, beside))
            for pixel in range(_PAIR) for tap in range(width)]  # fmt: skip
    left, right = -min(tap[2] for tap in taps), max(tap[2] for tap in taps)
    result = np.zeros((_PAIR, outputs, beside, dense.shape[1], height, left + 1 + right), np.float32)
    for pixel, tap, group, place in taps:
        result[pixel, :, place, :, :, left + group] = dense[..., tap]
    return result.reshape(_PAIR * outputs, beside * dense.shape[1], *result.shape[4:]), left, right


def folded(weights: Array, block: int) -> NDArray[np.float32]:
    """A 2×2 transposed convolution of stride 2 as a 1×1 convolution that writes its four pixels as channels.

    Args:
        weights: I×O×2×2.
        block: the input's own folding: its channels are block × block pixels of I.

    Returns:
        (4·block²·O)×(block²·I)×1×1: channels are 2·block × 2·block pixels of O, row by row.
    """
    inputs, outputs = weights.shape[:2]
    result = np.zeros((block, 2, block, 2, outputs, block, block, inputs), np.float32)
    for y in range(block):
        for x in range(block):
            result[y, :, x, :, :, y, x, :] = weights.transpose(2, 3, 1, 0)
    return result.reshape(4 * block * block * outputs, block * block * inputs, 1, 1)
