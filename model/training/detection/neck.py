"""Finds neck and head among the detector's layers, by how they are connected.

At each scale, coarsest first, a pointwise convolution brings the backbone's channels to the neck's, the next coarser
scale is added, enlarged, and a 3×3 convolution makes the scale's outputs. Each of the two is gated by an excitation (Hu
et al. 2018). The outputs of all scales, enlarged to the finest, are joined for the head, which is a 3×3 convolution and
two transposed ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from edgeocr.model.training.detection.forward import Weights
from edgeocr.model.training.detection.layers import Kind, Layer, original


@dataclass(frozen=True)
class Gated:
    """A convolution and the excitation that gates its output, each by the name of its output."""

    convolution: str
    mean: str
    squeeze: str
    excite: str


@dataclass(frozen=True)
class Scale:
    """One scale of the neck.

    Attributes:
        taken: the backbone's tensor that it reads.
        inner: the convolution to the neck's channels.
        summed: those with what is coarser added.
        out: the convolution to the scale's outputs.
    """

    taken: str
    inner: Gated
    summed: str
    out: Gated


@dataclass(frozen=True)
class Neck:
    """A detector's layers, parted.

    Attributes:
        backbone: what is in front of the neck.
        layers: neck and head.
        scales: coarsest first.
        joined: name of all outputs together.
        head: name of what the head's first convolution gives.
        logits: name of the map before its sigmoid.
    """

    backbone: tuple[Layer, ...]
    layers: tuple[Layer, ...]
    scales: tuple[Scale, ...]
    joined: str
    head: str
    logits: str

    @property
    def taken(self) -> list[str]:
        """The backbone's tensors that the neck reads, coarsest first."""
        return [scale.taken for scale in self.scales]

    @property
    def behind_head(self) -> tuple[Layer, ...]:
        """The layers from the head's first output on."""
        names = [layer.output for layer in self.layers]
        return self.layers[names.index(self.head) + 1 :]


def read(layers: Sequence[Layer]) -> Neck:
    """Part a detector's layers, whose last one is the map's sigmoid.

    Raises:
        ValueError: there is no neck of the known shape.
    """
    given = {layer.output: layer for layer in layers}
    joined = next((layer for layer in reversed(layers) if layer.kind is Kind.CONCAT), None)
    if joined is None:
        raise ValueError("the network joins no scales")
    head = next(layer for layer in layers if joined.output in layer.inputs)
    scales = tuple(_scale(given, original(given, name)) for name in joined.inputs)
    first = min(place for place, layer in enumerate(layers) if layer.output in {s.inner.convolution for s in scales})
    (logits,) = layers[-1].inputs
    return Neck(tuple(layers[:first]), tuple(layers[first:]), scales, joined.output, head.output, logits)


def _scale(given: Mapping[str, Layer], name: str) -> Scale:
    out = _gated(given, name)
    (summed,) = given[out.convolution].inputs
    # The coarsest scale has nothing to add.
    parts = given[summed].inputs if given[summed].kind is Kind.ADD else (summed,)
    inner = _gated(given, next((part for part in parts if given[part].kind is Kind.GATE), summed))
    (taken,) = given[inner.convolution].inputs
    return Scale(taken, inner, summed, out)


def _gated(given: Mapping[str, Layer], name: str) -> Gated:
    gate = given[name]
    if gate.kind is not Kind.GATE:
        raise ValueError(f"{name}: a {gate.kind} in place of a gate")
    convolution, excite = gate.inputs
    (squeeze,) = given[excite].inputs
    (mean,) = given[squeeze].inputs
    return Gated(convolution, mean, squeeze, excite)


def load(path: Path) -> Weights:
    """Weights as `save` wrote them."""
    weights: Weights = torch.load(path, weights_only=True)
    return weights


def save(weights: Weights, path: Path) -> None:
    """Write weights; a file that exists stays until the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save({name: (values.detach(), bias.detach()) for name, (values, bias) in weights.items()}, partial)
    partial.replace(path)
