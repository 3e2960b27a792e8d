"""Runs a list of layers in PyTorch, in floats, with a callback for every tensor and, if wanted, other weights."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from edgeocr.model.training.detection.layers import Kind, Layer

Watch = Callable[[Layer, Tensor], None]
"""Called with a layer and its output."""

Weights = Mapping[str, tuple[Tensor, Tensor]]
"""Weights and bias of convolutions, by the name of their output."""


def weights_of(layers: Iterable[Layer]) -> dict[str, tuple[Tensor, Tensor]]:
    """The weights of all convolutions among layers."""
    return {
        layer.output: (torch.tensor(layer.weights), torch.tensor(layer.bias))
        for layer in layers
        if layer.weights is not None
    }


def with_weights(layers: Sequence[Layer], weights: Weights) -> list[Layer]:
    """The layers, those that weights are given for with these instead of their own.

    Raises:
        ValueError: weights are for a convolution that is not among the layers.
    """
    if unknown := weights.keys() - {layer.output for layer in layers if layer.weights is not None}:
        raise ValueError(f"weights of {', '.join(sorted(unknown))}, which is no convolution of this network")
    return [
        replace(layer, weights=weights[layer.output][0].numpy(), bias=weights[layer.output][1].numpy())
        if layer.output in weights
        else layer
        for layer in layers
    ]


def run(
    layers: Sequence[Layer],
    inputs: Mapping[str, Tensor],
    watch: Watch | None = None,
    weights: Weights | None = None,
    keep: Iterable[str] = (),
) -> dict[str, Tensor]:
    """Run layers on N×C×H×W tensors; each is freed after its last use.

    Args:
        layers: in order of execution.
        inputs: of the network, by name.
        watch: called with every output.
        weights: used instead of the layers' own where given; they learn if they require gradients.
        keep: names of tensors to return as well.

    Returns:
        The outputs that are no layer's input, by name.
    """
    needed = Counter(name for layer in layers for name in layer.inputs)
    needed.update(keep)
    values = dict(inputs)
    for layer in layers:
        result = values[layer.output] = _calculate(layer, [values[name] for name in layer.inputs], weights or {})
        for name in layer.inputs:
            needed[name] -= 1
            if needed[name] == 0:
                del values[name]
        if watch is not None:
            watch(layer, result)
    return values


def _calculate(layer: Layer, given: Sequence[Tensor], known: Weights) -> Tensor:
    match layer.kind:
        case Kind.CONV | Kind.UPCONV:
            weights, bias = known.get(layer.output) or (torch.tensor(layer.weights), torch.tensor(layer.bias))
            if layer.kind is Kind.UPCONV:
                result = functional.conv_transpose2d(given[0], weights, bias, layer.stride)
            else:
                result = functional.conv2d(given[0], weights, bias, layer.stride, layer.pad, groups=layer.groups)
            return result if layer.is_unclamped else result.clamp(layer.low, layer.high)
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
