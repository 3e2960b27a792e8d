"""Reads the float detector as a list of layers, by recognising the idioms of the published graph.

Norms and constant additions are folded into the convolutions before them, as are a following ReLU or HardSigmoid, which
is a linear function clamped to 0–1.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[np.float32]


class Kind(StrEnum):
    """The operation of a layer; tensors are N×C×H×W."""

    CONV = "conv"
    UPCONV = "upconv"  # transposed, 2×2, stride 2
    HARD_SWISH = "hard_swish"  # x · clamp(x ÷ 6 + ½, 0, 1) (Howard et al. 2019)
    MEAN = "mean"  # over height and width
    GATE = "gate"  # x · (1 + g), g of 1×1 pixels
    ADD = "add"
    UPSAMPLE = "upsample"  # nearest
    CONCAT = "concat"  # of channels
    SIGMOID = "sigmoid"


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of the float network.

    Attributes:
        kind: its operation.
        inputs: names of its input tensors.
        output: name of its output tensor.
        weights: of a convolution, O×I×H×W; of a transposed one, I×O×2×2.
        bias: of either, O.
        stride, pad, groups: of a convolution, equal in both directions.
        low, high: clamp of a convolution's output.
        factor: of an upsampling.
    """

    kind: Kind
    inputs: tuple[str, ...]
    output: str
    weights: Array | None = None
    bias: Array | None = None
    stride: int = 1
    pad: int = 0
    groups: int = 1
    low: float = -math.inf
    high: float = math.inf
    factor: int = 1

    @property
    def is_unclamped(self) -> bool:
        """Whether a convolution's output is as it comes."""
        return math.isinf(self.low) and math.isinf(self.high)


def read(model: onnx.ModelProto) -> list[Layer]:
    """Read a detector of the PP-OCRv3 family, in order of execution.

    Raises:
        ValueError: a node belongs to no known idiom.
    """
    return list(_Reader(model).layers.values())


class _Reader:
    """Collects layers by the name of their output, which changes when a later node is folded into one."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.layers: dict[str, Layer] = {}
        self._constants = {value.name: numpy_helper.to_array(value) for value in model.graph.initializer}
        for node in model.graph.node:
            if node.op_type == "Constant":
                self._constants[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
        self._uses: dict[str, list[str]] = {}
        for node in model.graph.node:
            for name in node.input:
                self._uses.setdefault(name, []).append(node.output[0])
        self._pending: dict[str, tuple[str, ...]] = {}  # parts of an idiom, by output
        for node in model.graph.node:
            self._read(node)

    def _read(self, node: onnx.NodeProto) -> None:
        attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
        match node.op_type:
            case "Constant":
                pass
            case "Reshape" if node.input[0] in self._constants:
                self._constants[node.output[0]] = self._constants[node.input[0]]
            case "Conv" | "ConvTranspose":
                self._convolution(node, attributes)
            case "BatchNormalization":
                self._norm(node, attributes["epsilon"])
            case "Relu":
                self._fold(node, low=0.0)
            case "HardSigmoid":
                layer = self.layers[node.input[0]]
                assert layer.weights is not None
                assert layer.bias is not None
                slope, offset = attributes["alpha"], attributes["beta"]
                scaled = {"weights": layer.weights * slope, "bias": layer.bias * slope + offset}
                self._fold(node, **scaled, low=0.0, high=1.0)
            case "GlobalAveragePool":
                self._add(Kind.MEAN, node.input, node)
            case "Add" | "Mul" | "Div" | "Clip":
                self._arithmetic(node)
            case "Resize":
                *_, factor, again = self._constants[node.input[2]].astype(int)
                assert factor == again
                self._add(Kind.UPSAMPLE, node.input[:1], node, factor=int(factor))
            case "Concat":
                self._add(Kind.CONCAT, node.input, node)
            case "Sigmoid":
                self._add(Kind.SIGMOID, node.input, node)
            case kind:
                raise ValueError(f"{node.output[0]}: a {kind} is unknown here")

    def _add(self, kind: Kind, inputs: Any, node: onnx.NodeProto, **details: Any) -> None:
        self.layers[node.output[0]] = Layer(kind, tuple(inputs), node.output[0], **details)

    def _fold(self, node: onnx.NodeProto, **changes: Any) -> None:
        """Fold a node into the convolution before it, which must have no other consumer."""
        name = next(name for name in node.input if name in self.layers)
        layer = self.layers.pop(name)
        if layer.kind not in {Kind.CONV, Kind.UPCONV} or len(self._uses[name]) != 1:
            raise ValueError(f"{node.output[0]}: a {node.op_type} follows no convolution of its own")
        self.layers[node.output[0]] = replace(layer, output=node.output[0], **changes)

    def _convolution(self, node: onnx.NodeProto, attributes: dict[str, Any]) -> None:
        transposed = node.op_type == "ConvTranspose"
        weights = self._constants[node.input[1]].astype(np.float32)
        outputs = weights.shape[1 if transposed else 0]
        bias = self._constants[node.input[2]] if len(node.input) > 2 else np.zeros(outputs)
        strides, pads = set(attributes["strides"]), set(attributes["pads"])
        if len(strides | {attributes["strides"][0]}) != 1 or len(pads) != 1:
            raise ValueError(f"{node.output[0]}: stride or padding differs by direction")
        if transposed and (weights.shape[2:] != (2, 2) or strides != {2} or pads != {0}):
            raise ValueError(f"{node.output[0]}: a transposed convolution other than 2×2 with stride 2")
        self._add(
            Kind.UPCONV if transposed else Kind.CONV, node.input[:1], node, weights=weights,
            bias=bias.astype(np.float32), stride=strides.pop(), pad=pads.pop(), groups=attributes["group"],
        )  # fmt: skip

    def _norm(self, node: onnx.NodeProto, epsilon: float) -> None:
        layer = self.layers[node.input[0]]
        assert layer.weights is not None
        assert layer.bias is not None
        scale, shift, mean, variance = (self._constants[name] for name in node.input[1:])
        factor = scale / np.sqrt(variance + epsilon)
        channels = (1, -1, 1, 1) if layer.kind is Kind.UPCONV else (-1, 1, 1, 1)
        self._fold(node, weights=layer.weights * factor.reshape(channels), bias=(layer.bias - mean) * factor + shift)

    def _arithmetic(self, node: onnx.NodeProto) -> None:
        """A bias, a sum, a gate, or a step of x · min(max(x + 3, 0), 6) ÷ 6."""
        constants = [self._constants[name] for name in node.input if name in self._constants]
        values = tuple(name for name in node.input if name not in self._constants)
        sizes = [constant.item() for constant in constants if constant.size == 1]
        output, pending = node.output[0], self._pending
        match node.op_type, sizes:
            case "Add", [3.0]:
                pending[output] = values
            case "Clip", [0.0, 6.0]:
                pending[output] = pending[values[0]]
            case "Mul", [] if values[1] in pending:
                pending[output] = pending[values[1]]
            case "Div", [6.0]:
                self._add(Kind.HARD_SWISH, pending[values[0]], node)
            case "Mul", []:
                pending[output] = values
            case "Add", _ if constants:
                layer = self.layers[values[0]]
                assert layer.bias is not None
                self._fold(node, bias=layer.bias + constants[0].ravel())
            case "Add", []:
                gated = next((name for name in values if name in pending), None)
                if gated is None:
                    self._add(Kind.ADD, values, node)
                else:
                    self._add(Kind.GATE, pending[gated], node)
            case kind, _:
                raise ValueError(f"{output}: a {kind} of an unknown idiom")


def sources(layers: list[Layer]) -> Iterator[str]:
    """The names of inputs that are no layer's output: the inputs of the network."""
    given = {layer.output for layer in layers}
    return iter(dict.fromkeys(name for layer in layers for name in layer.inputs if name not in given))


def original(given: Mapping[str, Layer], name: str) -> str:
    """The tensor that a name is an enlarged copy of; *given* holds layers by the name of their output."""
    while name in given and given[name].kind is Kind.UPSAMPLE:
        name = given[name].inputs[0]
    return name


def on_pixels(layers: list[Layer], mean: Array, deviation: Array, zero_point: int) -> list[Layer]:
    """Layers for pixels less zero_point instead of (pixel ÷ 255 − mean) ÷ deviation, by changing the first convolution.

    Its padding then stands for a pixel of value zero_point instead of 255 · mean, which is nearly the same if
    zero_point is near it.
    """
    first, *others = layers
    assert first.weights is not None
    assert first.bias is not None
    weights = first.weights / (255 * deviation).reshape(1, -1, 1, 1)
    shift = weights.sum((2, 3)) @ (zero_point - 255 * mean)
    changed = replace(first, weights=weights.astype(np.float32), bias=(first.bias + shift).astype(np.float32))
    return [changed, *others]
