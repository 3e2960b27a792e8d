"""A convolution of bytes in the other ways that ONNX Runtime offers for it, each as a network of its own."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

_UINT8 = TensorProto.UINT8


def variants(model: ModelProto) -> Iterator[tuple[str, ModelProto]]:
    """The ways in which the QLinearConv of a network of one node may be run, by name; what it is itself left out.

    Weights are signed, and their zero points 0. All ways take as many numbers of the same size, but not the same ones:
    they are for counting.
    """
    (node,) = model.graph.node
    constants = {constant.name: numpy_helper.to_array(constant) for constant in model.graph.initializer}
    yield "unsigned weights", _convolution(model, node, constants, weights=np.uint8)
    yield "signed activations", _convolution(model, node, constants, activations=np.int8)
    yield "channels first", _convolution(model, node, constants, channels_last=False)
    yield "quantised around a float convolution (QDQ)", _around_floats(model, node, constants)
    weights = constants[node.input[3]]
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    if weights.shape[2:] == (1, 1) and attributes.get("group", 1) == 1 and set(attributes.get("strides", [1])) == {1}:
        yield "as a product of matrices", _product(model, node, constants)


def _convolution(
    model: ModelProto,
    node: NodeProto,
    constants: dict[str, NDArray[Any]],
    *,
    weights: type[np.uint8] | type[np.int8] = np.int8,
    activations: type[np.uint8] | type[np.int8] = np.uint8,
    channels_last: bool = True,
) -> ModelProto:
    changed = {name: value.copy() for name, value in constants.items()}
    for place, kind in ((2, activations), (3, weights), (5, weights), (7, activations)):
        name = node.input[place]
        if changed[name].dtype != kind:
            changed[name] = (changed[name].astype(np.int16) + (128 if kind is np.uint8 else -128)).astype(kind)
    other = NodeProto()
    other.CopyFrom(node)
    shapes = [_shape(value) for value in (model.graph.input[0], model.graph.output[0])]
    if not channels_last:
        other.domain = ""
        kept = [attribute for attribute in node.attribute if attribute.name != "channels_last"]
        del other.attribute[:]
        other.attribute.extend(kept)
        shapes = [[batch, channels, height, width] for batch, height, width, channels in shapes]
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(activations))
    return _network(model, [other], changed, (node.input[0], kind, shapes[0]), (node.output[0], kind, shapes[1]))


def _around_floats(model: ModelProto, node: NodeProto, constants: dict[str, NDArray[Any]]) -> ModelProto:
    """Channels first, as exporters write it; ONNX Runtime makes of it what it likes best."""
    given, scale, zero, weights, weight_scale, weight_zero, out_scale, out_zero, *bias = node.input
    changed = dict(constants)
    biases = []
    if bias:
        changed["bias_scale"] = (constants[scale] * constants[weight_scale]).astype(np.float32)
        changed["bias_zero"] = np.zeros_like(changed["bias_scale"], np.int32)
        biases = [helper.make_node("DequantizeLinear", [bias[0], "bias_scale", "bias_zero"], ["bias"], axis=0)]
    kept = [attribute for attribute in node.attribute if attribute.name != "channels_last"]
    convolution = helper.make_node("Conv", ["float_in", "float_weights", *(["bias"] if bias else [])], ["float_out"])
    convolution.attribute.extend(kept)
    nodes = [
        helper.make_node("DequantizeLinear", [given, scale, zero], ["float_in"]),
        helper.make_node("DequantizeLinear", [weights, weight_scale, weight_zero], ["float_weights"], axis=0),
        *biases,
        convolution,
        helper.make_node("QuantizeLinear", ["float_out", out_scale, out_zero], [node.output[0]]),
    ]
    ends = []
    for value in (model.graph.input[0], model.graph.output[0]):
        batch, height, width, channels = _shape(value)
        ends.append((value.name, _UINT8, [batch, channels, height, width]))
    return _network(model, nodes, changed, *ends)


def _product(model: ModelProto, node: NodeProto, constants: dict[str, NDArray[Any]]) -> ModelProto:
    """Pixels × channels by channels × channels, which leaves the bias out."""
    changed = dict(constants)
    names = list(node.input[:8])
    changed[names[3]] = np.ascontiguousarray(constants[names[3]][:, :, 0, 0].T)
    shapes = [
        [int(np.prod(shape[:3])), shape[3]] for shape in (_shape(model.graph.input[0]), _shape(model.graph.output[0]))
    ]
    product = helper.make_node("QLinearMatMul", names, [node.output[0]])
    ends = [
        (value.name, _UINT8, shape)
        for value, shape in zip((model.graph.input[0], model.graph.output[0]), shapes, strict=True)
    ]
    return _network(model, [product], changed, *ends)


def _network(
    model: ModelProto,
    nodes: list[NodeProto],
    constants: dict[str, NDArray[Any]],
    given: tuple[str, int, list[int]],
    out: tuple[str, int, list[int]],
) -> ModelProto:
    used = {name for node in nodes for name in node.input}
    initialisers = [numpy_helper.from_array(value, name) for name, value in constants.items() if name in used]
    ends = [helper.make_tensor_value_info(*end) for end in (given, out)]
    graph = helper.make_graph(nodes, "variant", ends[:1], ends[1:], initialisers)
    return helper.make_model(graph, opset_imports=list(model.opset_import), ir_version=model.ir_version)


def _shape(value: onnx.ValueInfoProto) -> list[int]:
    return [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
