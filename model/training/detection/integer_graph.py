"""Writes an ONNX graph whose tensors are all uint8, channels last (N×H×W×C).

The operators are ONNX Runtime's integer operators, so that nothing depends on its graph fusions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.training.detection.ranges import STEPS, Encoding

OPSET = 17
IR_VERSION = 8
_CONTRIB = "com.microsoft"
_MOST_WEIGHT = 127


@dataclass(frozen=True)
class Tensor:
    """A tensor of the graph: its name, encoding, and number of channels."""

    name: str
    encoding: Encoding
    channels: int

    def read_as(self, scale: float, zero_point: int) -> "Tensor":
        """The same bytes with another encoding."""
        return Tensor(self.name, Encoding(scale, zero_point), self.channels)


def steps_of(weights: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Weights O×I×H×W quantised to −127…127, and the scale of each output channel.

    The zero point is 0, which the fastest kernels require.
    """
    sizes = np.maximum(np.abs(weights).max((1, 2, 3), keepdims=True), 1e-9) / _MOST_WEIGHT
    return np.rint(weights / sizes).astype(np.int8), sizes.astype(np.float32)


class IntegerGraph:
    """Builds a graph: each method adds nodes and returns their output tensor."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._initialisers: dict[str, onnx.TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []

    def pixels(self, name: str, shape: Sequence[int | str], encoding: Encoding) -> Tensor:
        """The input: uint8 of a shape, channels last."""
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.UINT8, list(shape)))
        return Tensor(name, encoding, int(shape[-1]))

    def convolution(
        self, x: Tensor, weights: NDArray[np.floating], bias: NDArray[np.floating], to: Encoding,
        strides: tuple[int, int] = (1, 1), pads: tuple[int, int, int, int] = (0, 0, 0, 0), groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """A convolution with float weights O×I×H×W, quantised with one scale per output channel.

        The output saturates at the ends of its encoding, so that a ReLU or a clamp costs nothing.
        """
        steps, sizes = steps_of(weights)
        bias_sizes = np.float64(x.encoding.scale) * sizes.ravel()
        limits = np.iinfo(np.int32)
        bias_steps = np.clip(np.rint(bias / bias_sizes), limits.min, limits.max).astype(np.int32)
        count = len(weights)
        inputs = [
            x.name, *self._encoding(x.encoding),
            self._constant("weights", steps), self._constant("sizes", sizes.ravel()),
            self._constant("zeros", np.zeros(count, np.int8)), *self._encoding(to), self._constant("bias", bias_steps),
        ]  # fmt: skip
        details: dict[str, Any] = {"kernel_shape": weights.shape[2:], "strides": strides, "pads": pads, "group": groups}
        return Tensor(self._node("QLinearConv", inputs, channels_last=1, **details), to, count)

    def add(self, a: Tensor, b: Tensor, to: Encoding) -> Tensor:
        """a + b; one of them may have one pixel, or be a single number."""
        inputs = [a.name, *self._encoding(a.encoding), b.name, *self._encoding(b.encoding), *self._encoding(to)]
        return Tensor(self._node("QLinearAdd", inputs), to, max(a.channels, b.channels))

    def multiply(self, a: Tensor, b: Tensor, to: Encoding) -> Tensor:
        """a · b, likewise."""
        inputs = [a.name, *self._encoding(a.encoding), b.name, *self._encoding(b.encoding), *self._encoding(to)]
        return Tensor(self._node("QLinearMul", inputs), to, max(a.channels, b.channels))

    def number(self, value: float) -> Tensor:
        """A single positive number, exactly."""
        return Tensor(self._constant("number", np.array(STEPS, np.uint8)), Encoding(value / STEPS, 0), 1)

    def mean(self, x: Tensor, to: Encoding) -> Tensor:
        """The mean of all pixels, channel by channel."""
        inputs = [x.name, *self._encoding(x.encoding), *self._encoding(to)]
        return Tensor(self._node("QLinearGlobalAveragePool", inputs, channels_last=1), to, x.channels)

    def sigmoid(self, x: Tensor, to: Encoding) -> Tensor:
        """1 ÷ (1 + e⁻ˣ), by a table."""
        inputs = [x.name, *self._encoding(x.encoding), *self._encoding(to)]
        return Tensor(self._node("QLinearSigmoid", inputs), to, x.channels)

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """Channels side by side; all parts have one encoding."""
        assert len({part.encoding for part in parts}) == 1
        name = self._node("Concat", [part.name for part in parts], "", axis=3)
        return Tensor(name, parts[0].encoding, sum(part.channels for part in parts))

    def beside(self, x: Tensor, channels: int) -> Tensor:
        """Reshape horizontally adjacent pixels to channels of one pixel, or the reverse; the data do not change."""
        if channels == x.channels:
            return x
        shape = self._constant("beside", np.array([0, 0, -1, channels]))
        return Tensor(self._node("Reshape", [x.name, shape], ""), x.encoding, channels)

    def upsample(self, x: Tensor, factor: int) -> Tensor:
        """Every pixel factor × factor times; ONNX Runtime's Resize takes ten times as long on this layout."""
        apart = self._node("Reshape", [x.name, self._constant("apart", np.array([0, 0, 1, -1, 1, x.channels]))], "")
        tiled = self._node("Tile", [apart, self._constant("times", np.array([1, 1, factor, 1, factor, 1]))], "")
        shape = self._node("Shape", [x.name], "")
        larger = self._node("Mul", [shape, self._constant("larger", np.array([1, factor, factor, 1]))], "")
        return Tensor(self._node("Reshape", [tiled, larger], ""), x.encoding, x.channels)

    def unfolded(self, x: Tensor, block: int, name: str) -> None:
        """The output, H×W: block × block channels of each pixel become pixels; for a batch of one."""
        split = self._constant("split", np.array([0, 0, 0, block, block]))
        apart = self._node("Reshape", [x.name, split], "")
        rows = self._node("Transpose", [apart], "", perm=[0, 1, 3, 2, 4])
        self._nodes.append(helper.make_node("Flatten", [rows], [name], axis=3))

    def model(self, output: str, shape: Sequence[int | str]) -> onnx.ModelProto:
        """The finished model, with one uint8 output."""
        outputs = [helper.make_tensor_value_info(output, TensorProto.UINT8, list(shape))]
        initialisers = list(self._initialisers.values())
        graph = helper.make_graph(self._nodes, self._name, self._inputs, outputs, initialisers)
        domains = [helper.make_opsetid("", OPSET), helper.make_opsetid(_CONTRIB, 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=IR_VERSION, producer_name="edgeocr")

    def _node(self, kind: str, inputs: Sequence[str], domain: str = _CONTRIB, **attributes: Any) -> str:
        name = f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **attributes))
        return name

    def _encoding(self, encoding: Encoding) -> tuple[str, str]:
        scale = self._constant("scale", np.array(encoding.scale, np.float32))
        return scale, self._constant("zero", np.array(encoding.zero_point, np.uint8))

    def _constant(self, kind: str, values: NDArray[Any]) -> str:
        """The name of an initialiser; equal small ones are shared."""
        name = f"{kind}{len(self._initialisers)}"
        if values.size <= 6:
            name = "_".join([kind, *(f"{value:.9g}" for value in values.ravel().tolist())])
        if name not in self._initialisers:
            self._initialisers[name] = numpy_helper.from_array(values, name)
        return name
