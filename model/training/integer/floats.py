"""Interprets the backbone in PyTorch: in floats, with observers, or with every tensor rounded to its bytes."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.integer.ranges import LEVELS, WEIGHT_LEVELS, Range, Seen
from edgeocr.model.training.networks.backbone import Excite


class Floats:
    """Interprets the backbone in floats; subclasses handle each result."""

    def note(self, name: str, x: Tensor) -> Tensor:
        """Handle a result before it is used."""
        return x

    def apply(self, name: str, x: Tensor, layer: nn.Conv2d) -> Tensor:
        """Convolve."""
        result: Tensor = layer(x)
        return result

    def convolve(self, name: str, x: Tensor, layer: nn.Conv2d, *, relu: bool = False, corner: bool = False) -> Tensor:
        x = self.apply(name, functional.pad(x, (0, 1, 0, 1)) if corner else x, layer)
        return self.note(name, functional.relu(x) if relu else x)

    def max_pool(self, x: Tensor) -> Tensor:
        return functional.max_pool2d(functional.pad(x, (0, 1, 0, 1)), 2, 1)

    def concatenate(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        return self.note(name, torch.cat((first, second), 1))

    def excite(self, name: str, x: Tensor, layer: Excite) -> Tensor:
        mean = self.note(f"{name}.mean", x.mean((2, 3), keepdim=True))
        squeezed = self.note(f"{name}.squeeze", functional.relu(self.apply(f"{name}.squeeze", mean, layer.squeeze)))
        gate = functional.hardsigmoid(self.apply(f"{name}.gate", squeezed, layer.excite))
        return self.note(name, x * self.note(f"{name}.gate", gate))

    def gate(self, name: str, x: Tensor) -> Tensor:
        return self.note(name, x * self.note(f"{name}.gate", torch.sigmoid(x)))

    def add(self, name: str, first: Tensor, second: Tensor) -> Tensor:
        return self.note(name, first + second)

    def average(self, name: str, x: Tensor, channels: int) -> Tensor:
        return self.note(name, functional.avg_pool2d(x, (3, 2)))


class Observer(Floats):
    """Observes the values of every result, one line at a time, and which results are inputs of gates."""

    def __init__(self) -> None:
        self.seen: dict[str, Seen] = {}
        self.gated: set[str] = set()
        self._last = ""

    def note(self, name: str, x: Tensor) -> Tensor:
        self.seen.setdefault(name, Seen()).note(x)
        self._last = name
        return x

    def gate(self, name: str, x: Tensor) -> Tensor:
        self.gated.add(self._last)
        return super().gate(name, x)


class Rounded(Floats):
    """Rounds weights and results as the integer graph does; a result without a range stays in floats, as do its
    weights."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self._ranges = ranges

    def note(self, name: str, x: Tensor) -> Tensor:
        return rounded(x, self._ranges[name]) if name in self._ranges else x

    def apply(self, name: str, x: Tensor, layer: nn.Conv2d) -> Tensor:
        weight = rounded_rows(layer.weight) if name in self._ranges else layer.weight
        return functional.conv2d(x, weight, layer.bias, layer.stride, layer.padding, 1, layer.groups)


def rounded(x: Tensor, range_: Range) -> Tensor:
    """The values that the bytes of x stand for."""
    steps = (x / range_.scale).round().clamp(-range_.zero_point, LEVELS - range_.zero_point)
    return steps * range_.scale


def row_steps(weight: Tensor) -> tuple[Tensor, Tensor]:
    """A weight in steps, not rounded, and the size of a step for each output channel."""
    scale = weight.flatten(1).abs().amax(1).clamp(min=1e-8) / WEIGHT_LEVELS
    shaped = scale.view(-1, *[1] * (weight.dim() - 1))
    return weight / shaped, shaped


def rounded_rows(weight: Tensor) -> Tensor:
    """The values that a weight's bytes stand for, with a scale for each output channel."""
    steps, scale = row_steps(weight)
    return steps.round() * scale
