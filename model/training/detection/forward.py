"""Runs a list of layers in PyTorch, in floats, with a callback for every tensor."""

from collections import Counter
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional

from edgeocr.model.training.detection.layers import Kind, Layer

Watch = Callable[[Layer, Tensor], None]
"""Called with a layer and its output."""


def run(layers: Sequence[Layer], inputs: dict[str, Tensor], watch: Watch | None = None) -> dict[str, Tensor]:
    """Run layers on N×C×H×W tensors; each is freed after its last use.

    Returns:
        The outputs that are no layer's input, by name.
    """
    needed = Counter(name for layer in layers for name in layer.inputs)
    values = dict(inputs)
    with torch.no_grad():
        for layer in layers:
            result = values[layer.output] = _calculate(layer, [values[name] for name in layer.inputs])
            for name in layer.inputs:
                needed[name] -= 1
                if needed[name] == 0:
                    del values[name]
            if watch is not None:
                watch(layer, result)
    return values


def _calculate(layer: Layer, given: Sequence[Tensor]) -> Tensor:
    match layer.kind:
        case Kind.CONV | Kind.UPCONV:
            weights, bias = torch.tensor(layer.weights), torch.tensor(layer.bias)
            if layer.kind is Kind.UPCONV:
                result = functional.conv_transpose2d(given[0], weights, bias, layer.stride)
            else:
                result = functional.conv2d(given[0], weights, bias, layer.stride, layer.pad, groups=layer.groups)
            return result.clamp(layer.low, layer.high)
        case Kind.HARD_SWISH:
            return functional.hardswish(given[0])
        case Kind.MEAN:
            return given[0].mean((2, 3), keepdim=True)
        case Kind.GATE:
            return given[0] * (1 + given[1])
        case Kind.ADD:
            return given[0] + given[1]
        case Kind.UPSAMPLE:
            return functional.interpolate(given[0], scale_factor=layer.factor, mode="nearest")
        case Kind.CONCAT:
            return torch.cat(list(given), 1)
        case Kind.SIGMOID:
            return given[0].sigmoid()
