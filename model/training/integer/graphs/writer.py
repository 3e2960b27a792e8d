"""Writes ONNX graphs of integer operators: pixels and activations are unsigned bytes, N×H×W×C.

Operators are ONNX Runtime's own (`com.microsoft`), in the layout and form of its kernels, so that nothing depends on
its graph optimisations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.training.integer.ranges import WEIGHT_LEVELS, Range

OPSET = 17
_MICROSOFT = "com.microsoft"


@dataclass(frozen=True)
class Bytes:
    """A quantised tensor of the graph: real value = scale × (byte − zero point)."""

    name: str
    scale: float
    zero_point: int

    def reread(self, factor: float) -> "Bytes":
        """The same bytes as a multiple of their values, without an operator."""
        return Bytes(self.name, self.scale * factor, self.zero_point)


def quantised_rows(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights as signed bytes, each output channel (first axis) with a scale of its own; −128 is not used."""
    flat = np.abs(weight.reshape(len(weight), -1)).max(1)
    scale = np.maximum(flat / WEIGHT_LEVELS, 1e-8).astype(np.float32)
    shaped = scale.reshape(-1, *[1] * (weight.ndim - 1))
    return np.clip(np.rint(weight / shaped), -WEIGHT_LEVELS, WEIGHT_LEVELS).astype(np.int8), scale


class GraphWriter:
    """Collects nodes and constants, and writes the model."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """A constant by name; an existing one is reused."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(value, name)
        return name

    def number(self, value: float) -> str:
        """A float constant."""
        return self.constant(f"float:{np.float32(value)!r}", np.array(value, np.float32))

    def byte(self, value: int) -> str:
        """An unsigned constant."""
        return self.constant(f"byte:{value}", np.array(value, np.uint8))

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], *, microsoft: bool = False, **attributes: Any
    ) -> str:
        """Add an operator; returns its first output's name."""
        domain = _MICROSOFT if microsoft else ""
        name = f"{outputs[0]}:{kind}"
        self._nodes.append(helper.make_node(kind, inputs, outputs, name, domain=domain, **attributes))
        return outputs[0]

    def operand(self, tensor: Bytes) -> tuple[str, str, str]:
        """A quantised tensor as three inputs."""
        return tensor.name, self.number(tensor.scale), self.byte(tensor.zero_point)

    def result(self, name: str, range_: Range) -> tuple[Bytes, tuple[str, str]]:
        """A tensor for a result, and its scale and zero point as two inputs."""
        tensor = Bytes(name, range_.scale, range_.zero_point)
        return tensor, self.operand(tensor)[1:]

    def quantise(self, name: str, x: str, range_: Range) -> Bytes:
        """QuantizeLinear: floats to bytes."""
        y, parameters = self.result(name, range_)
        self.node("QuantizeLinear", (x, *parameters), [name])
        return y

    def convolve(
        self,
        name: str,
        x: Bytes,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32],
        range_: Range,
        **attributes: Any,
    ) -> Bytes:
        """QLinearConv: `weight` is out×in×height×width; strides, pads and group as ONNX has them."""
        rows, scale = quantised_rows(weight)
        return self.convolve_rows(name, x, rows, scale, bias, range_, **attributes)

    def convolve_rows(
        self,
        name: str,
        x: Bytes,
        rows: NDArray[np.int8],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        range_: Range,
        **attributes: Any,
    ) -> Bytes:
        """QLinearConv with quantised weights, out×in×height×width, and one scale per output."""
        y, parameters = self.result(name, range_)
        steps = np.clip(np.rint(bias / (np.float64(x.scale) * scale)), -(2**31), 2**31 - 1)
        inputs = (
            *self.operand(x),
            self.constant(f"{name}.weight", rows),
            self.constant(f"{name}.weight_scale", scale),
            self.constant(f"{name}.weight_zero", np.zeros(len(scale), np.int8)),
            *parameters,
            self.constant(f"{name}.bias", steps.astype(np.int32)),
        )
        shape = list(rows.shape[2:])
        self.node("QLinearConv", inputs, [name], microsoft=True, channels_last=1, kernel_shape=shape, **attributes)
        return y

    def sigmoid(self, name: str, x: Bytes, range_: Range) -> Bytes:
        """QLinearSigmoid, a table of 256 entries."""
        y, parameters = self.result(name, range_)
        self.node("QLinearSigmoid", (*self.operand(x), *parameters), [name], microsoft=True)
        return y

    def combine(self, kind: str, name: str, first: Bytes, second: Bytes, range_: Range) -> Bytes:
        """QLinearAdd or QLinearMul."""
        y, parameters = self.result(name, range_)
        self.node(kind, (*self.operand(first), *self.operand(second), *parameters), [name], microsoft=True)
        return y

    def concatenate(self, name: str, first: Bytes, second: Bytes, range_: Range) -> Bytes:
        """QLinearConcat of channels."""
        y, parameters = self.result(name, range_)
        inputs = (*parameters, *self.operand(first), *self.operand(second))
        self.node("QLinearConcat", inputs, [name], microsoft=True, axis=3)
        return y

    def global_average(self, name: str, x: Bytes, range_: Range) -> Bytes:
        """QLinearGlobalAveragePool."""
        y, parameters = self.result(name, range_)
        inputs = (*self.operand(x), *parameters)
        self.node("QLinearGlobalAveragePool", inputs, [name], microsoft=True, channels_last=1)
        return y

    def max_pool(self, name: str, x: Bytes, **attributes: Any) -> Bytes:
        """NhwcMaxPool."""
        self.node("NhwcMaxPool", [x.name], [name], microsoft=True, **attributes)
        return Bytes(name, x.scale, x.zero_point)

    def model(self, inputs: Sequence[onnx.ValueInfoProto], outputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """The checked model."""
        graph = helper.make_graph(self._nodes, "edgeocr", inputs, outputs, list(self._constants.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="edgeocr")
        model.ir_version = 9
        onnx.checker.check_model(model)
        return model


def value(name: str, kind: int, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
    """An input or output of a graph."""
    return helper.make_tensor_value_info(name, kind, shape)


UINT8, FLOAT = TensorProto.UINT8, TensorProto.FLOAT
