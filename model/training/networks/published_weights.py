"""Reads weights from published ONNX files, layer by layer in order of execution."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn


def constants_of(graph: Any) -> dict[str, NDArray[Any]]:
    """Every constant by its name, whether it is an initialiser or a node."""
    nodes = [node for node in graph.node if node.op_type == "Constant"]
    return {i.name: numpy_helper.to_array(i) for i in graph.initializer} | {
        node.output[0]: numpy_helper.to_array(node.attribute[0].t) for node in nodes
    }


def convolutions(graph: Any) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield each convolution's weight and bias, the following batch norm or sum folded in, in order of execution."""
    constants = constants_of(graph)
    reader = {name: node for node in reversed(graph.node) for name in node.input}
    for node in graph.node:
        if node.op_type != "Conv":
            continue
        weight, then = constants[node.input[1]], reader[node.output[0]]
        if then.op_type == "Squeeze":
            then = reader[then.output[0]]
        if then.op_type == "BatchNormalization":
            scale, shift, mean, variance = (constants[name] for name in then.input[1:])
            epsilon = next(attribute.f for attribute in then.attribute if attribute.name == "epsilon")
            scale = scale / np.sqrt(variance + epsilon)
            yield weight * scale[:, None, None, None], shift - mean * scale
        else:
            yield weight, constants[then.input[1]].reshape(-1)


def linears(graph: Any) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield each matrix, out×in, and its bias, in order of execution."""
    constants = constants_of(graph)
    reader = {name: node for node in reversed(graph.node) for name in node.input}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in constants:
            yield constants[node.input[1]].T, constants[reader[node.output[0]].input[1]]


def norms(graph: Any) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Yield each layer norm's scale and shift; in the file, a norm is …, Sqrt, Div, Mul, Add."""
    constants = constants_of(graph)
    reader = {name: node for node in reversed(graph.node) for name in node.input}
    for node in graph.node:
        if node.op_type == "Sqrt":
            multiply = reader[reader[node.output[0]].output[0]]
            yield constants[multiply.input[1]], constants[reader[multiply.output[0]].input[1]]


def assign(modules: Iterable[nn.Module], values: Iterable[tuple[NDArray[Any], NDArray[Any]]]) -> None:
    """Give layers their weights and biases, in this order.

    Raises:
        ValueError: their number or shapes differ.
    """
    for module, (weight, bias) in zip(modules, values, strict=True):
        target_weight, target_bias = module.weight, module.bias
        assert isinstance(target_weight, Tensor)
        assert isinstance(target_bias, Tensor)
        source = torch.tensor(weight)
        if isinstance(module, nn.Conv1d):
            source = source.squeeze(2)
        if source.shape != target_weight.shape:
            raise ValueError(f"weight {tuple(source.shape)} does not fit {tuple(target_weight.shape)}")
        target_weight.data.copy_(source)
        target_bias.data.copy_(torch.tensor(bias))
