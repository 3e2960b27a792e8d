"""A network taken apart: each of its operators as a network of its own, with inputs of the shapes that a run has.

Nodes that do the same with the same shapes are one operator, which is counted once and stands for all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper


@dataclass
class Operator:
    """Nodes of a network that are alike.

    Attributes:
        name: the operator, with what tells its shapes.
        nodes: how many are alike.
        model: one of them as a network.
    """

    name: str
    nodes: int = field(compare=False)
    model: ModelProto = field(compare=False)


def operators(model: ModelProto, feeds: Mapping[str, NDArray[np.generic]]) -> list[Operator]:
    """The operators of a network, in the order of their first nodes.

    Args:
        model: whose graph is as ONNX Runtime runs it.
        feeds: its inputs, of the size that is of interest.
    """
    values = _values(model, feeds)
    constants = {constant.name: constant for constant in model.graph.initializer}
    found: dict[tuple[object, ...], Operator] = {}
    for node in model.graph.node:
        given = [name for name in dict.fromkeys(node.input) if name and name not in constants]
        own = [constants[name] for name in dict.fromkeys(node.input) if name in constants]
        attributes = tuple(sorted(attribute.SerializeToString() for attribute in node.attribute))
        shapes = tuple((str(values[name].dtype), values[name].shape) for name in given)
        kinds = tuple((constant.data_type, tuple(constant.dims)) for constant in own)
        key = (node.op_type, node.domain, attributes, shapes, kinds)
        if key in found:
            found[key].nodes += 1
        else:
            found[key] = Operator(_name(node, own, values), 1, _alone(model, node, given, own, values))
    return list(found.values())


def _values(model: ModelProto, feeds: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """Every tensor of a run."""
    names = [name for node in model.graph.node for name in node.output if name]
    shown = ModelProto()
    shown.CopyFrom(model)
    del shown.graph.output[:]
    shown.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(shown.SerializeToString(), providers=["CPUExecutionProvider"])
    return {**feeds, **dict(zip(names, session.run(names, dict(feeds)), strict=True))}


def _name(node: NodeProto, own: Sequence[TensorProto], values: Mapping[str, NDArray[np.generic]]) -> str:
    """What is alike, in words that fit a table."""
    weights = next((constant for constant in own if len(constant.dims) > 1), None)
    size = "×".join(map(str, values[node.output[0]].shape))
    if weights is None:
        return f"{node.op_type} → {size}"
    outputs, inputs, *kernel = weights.dims
    kind = "×".join(map(str, kernel))
    if not kernel:
        return f"{node.op_type} {outputs}×{inputs} → {size}"
    depthwise = " depthwise" if inputs == 1 and outputs > 1 else f", {inputs} channels"
    return f"{node.op_type} {kind}{depthwise} → {size}"


def _alone(
    model: ModelProto,
    node: NodeProto,
    given: Sequence[str],
    own: Sequence[TensorProto],
    values: Mapping[str, NDArray[np.generic]],
) -> ModelProto:
    """A network of one node."""
    inputs, shapes = [], []
    for name in given:
        value = values[name]
        if value.dtype == np.int64:
            # A shape: noise would be none.
            shapes.append(numpy_helper.from_array(np.asarray(value), name))
        else:
            inputs.append(_information(name, value))
    outputs = [_information(name, values[name]) for name in node.output if name]
    graph = helper.make_graph([node], "operator", inputs, outputs, [*own, *shapes])
    return helper.make_model(graph, opset_imports=list(model.opset_import), ir_version=model.ir_version)


def _information(name: str, value: NDArray[np.generic]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), list(value.shape))
