"""Finds the integer matrices of an ONNX graph, and the second moments of what they multiply."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from edgeocr.model.networks.weight_pairs import paired_rows
from edgeocr.model.training.integer.rounding import Matrix
from edgeocr.model.training.networks.onnx_file import on_one_thread

_MOST_POSITIONS = 2000
"""Of one run, of which a matrix's inputs are taken."""

Array = NDArray[Any]


@dataclass(frozen=True)
class IntegerMatrix:
    """A matrix of signed bytes.

    Attributes:
        weight: its initialiser's name.
        scale: that of its steps, a number for each row (result).
        bias: that of its whole-number bias, or empty.
        source: the tensor that it multiplies.
        zero_point: that of the source's bytes, or empty where the source is in floats.
        node: its operator.
        direction: of an LSTM, 0 or 1; its part of the initialisers.
        is_state: whether the source is the LSTM's own result, one step before.
    """

    weight: str
    scale: str
    bias: str
    source: str
    zero_point: str
    node: onnx.NodeProto
    direction: int = -1
    is_state: bool = False

    def rows(self, weight: Array) -> Array:
        """The initialiser as rows×in, in the order in which kernels pair the inputs."""
        rows = paired_rows(self.node.op_type, self.part(weight))
        assert rows is not None
        return rows

    def part(self, values: Array) -> Array:
        """Its part of an initialiser."""
        return values[self.direction] if self.direction >= 0 else values

    def put(self, weight: Array, rows: Array) -> None:
        """Write rows into the initialiser, in place."""
        if self.node.op_type == "QLinearConv":
            out, inputs, height, width = weight.shape
            weight[:] = rows.reshape(out, height, width, inputs).transpose(0, 3, 1, 2)
        else:
            self.part(weight)[:] = rows.T

    def inputs(self, source: Array, zero: int) -> Array:
        """What the rows multiply at some positions of a run, positions×in."""
        values = source.astype(np.float32) - zero
        if self.node.op_type == "QLinearConv":
            return _patches(values, attributes(self.node))
        rows = values.reshape(-1, values.shape[-1])
        return rows[_spread(len(rows))]


def integer_matrices(model: onnx.ModelProto) -> Iterator[IntegerMatrix]:
    """The matrices, in the graph's order; depthwise convolutions, whose kernels add in 32 bits, are none."""
    shapes = {constant.name: list(constant.dims) for constant in model.graph.initializer
              if constant.data_type == onnx.TensorProto.INT8}  # fmt: skip
    for node in model.graph.node:
        names = [*node.input, *[""] * 12]
        if node.op_type == "QLinearConv" and names[3] in shapes and attributes(node).get("group", 1) == 1:
            yield IntegerMatrix(names[3], names[4], names[8], names[0], names[2], node)
        elif node.op_type == "MatMulIntegerToFloat" and names[1] in shapes:
            yield IntegerMatrix(names[1], names[3], "", names[0], names[4], node)
        elif node.op_type == "DynamicQuantizeLSTM" and names[1] in shapes:
            for direction in range(shapes[names[1]][0]):
                yield IntegerMatrix(names[1], names[8], "", names[0], "", node, direction)
                yield IntegerMatrix(names[2], names[10], "", node.output[0], "", node, direction, is_state=True)


def moments(model: onnx.ModelProto, runs: Iterable[Mapping[str, Array]]) -> list[Matrix]:
    """Second moments of what each integer matrix multiplies, in×in, in the order of `integer_matrices`.

    Where a matrix is used in few places, such as once a run, they lean towards inputs that are alike and independent.

    Args:
        model: with signed weights.
        runs: the model's inputs, by name.
    """
    matrices = list(integer_matrices(model))
    known = constants(model)
    session = _telling(model, {matrix.source for matrix in matrices})
    names = [output.name for output in session.get_outputs()]
    found: list[Matrix] = [np.zeros(())] * len(matrices)
    counts = [0] * len(matrices)
    for run in runs:
        results = {**run, **dict(zip(names, session.run(names, dict(run)), strict=True))}
        for place, matrix in enumerate(matrices):
            source = results[matrix.source]
            if matrix.is_state:
                source = source[:, matrix.direction]
            zero = int(known[matrix.zero_point]) if matrix.zero_point else 0
            rows = matrix.inputs(source, zero).astype(np.float64)
            found[place] = found[place] + rows.T @ rows
            counts[place] += len(rows)
    return [gram + np.eye(len(gram)) * np.trace(gram) / count for gram, count in zip(found, counts, strict=True)]


def _telling(model: onnx.ModelProto, tensors: set[str]) -> onnxruntime.InferenceSession:
    """A session that gives these tensors too."""
    telling = onnx.ModelProto()
    telling.CopyFrom(model)
    given = {output.name for output in model.graph.output} | {source.name for source in model.graph.input}
    telling.graph.output.extend(onnx.ValueInfoProto(name=name) for name in sorted(tensors - given))
    return on_one_thread(telling.SerializeToString())


def constants(model: onnx.ModelProto) -> dict[str, Array]:
    """Copies of a graph's initialisers, by name."""
    return {constant.name: np.array(numpy_helper.to_array(constant)) for constant in model.graph.initializer}


def put_constants(model: onnx.ModelProto, values: Mapping[str, Array]) -> None:
    """Write initialisers that the graph has, in place."""
    for constant in model.graph.initializer:
        constant.CopyFrom(numpy_helper.from_array(values[constant.name], constant.name))


def attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """An operator's attributes by name."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _patches(values: Array, convolution: Mapping[str, Any]) -> Array:
    """What a convolution multiplies at some positions; values are N×H×W×C, less their zero point."""
    height, width = convolution["kernel_shape"]
    down, across = convolution.get("strides", (1, 1))
    top, left, bottom, right = convolution.get("pads", (0, 0, 0, 0))
    padded = np.pad(values, ((0, 0), (top, bottom), (left, right), (0, 0)))
    windows = sliding_window_view(padded, (height, width), axis=(1, 2))[:, ::down, ::across]
    places = np.unravel_index(_spread(int(np.prod(windows.shape[:3]))), windows.shape[:3])
    return windows[places].transpose(0, 2, 3, 1).reshape(len(places[0]), -1)


def _spread(count: int) -> NDArray[np.intp]:
    return np.linspace(0, count - 1, min(_MOST_POSITIONS, count)).astype(np.intp)
