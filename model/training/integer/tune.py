"""Tunes a quantised backbone: the ends of ranges, biases, and the rounding of weights.

The backbone runs quantised, gradients pass through the rounding unchanged, and each range's step is learned as in Esser
et al. 2020 (arXiv 1902.08153). Each weight may change by one of its steps at most, as in AdaRound (Nagel et al. 2020,
arXiv 2004.10568), and no further: training on synthetic lines would make it worse on real ones. The target is the
neck's output for features that are not quantised.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Floats, row_steps
from edgeocr.model.training.integer.ranges import LEVELS, WEIGHT_LEVELS, Range
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS, Backbone
from edgeocr.model.training.networks.teacher import Teacher
from edgeocr.model.training.networks.tiny import Tiny

_STEP_RATE = 2e-3
_BIAS_RATE = 2e-4
_WEIGHT_RATE = 1e-2
_WORST = 0.5


class _Straight(torch.autograd.Function):
    """Rounding with the gradient of the identity."""

    @staticmethod
    def forward(_: object, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(_: object, gradient: Tensor) -> Tensor:
        return gradient


def _round(x: Tensor) -> Tensor:
    result: Tensor = _Straight.apply(x)  # type: ignore[no-untyped-call]
    return result


class Tuned(Floats, nn.Module):
    """The quantised backbone with learnable steps, biases and roundings."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        nn.Module.__init__(self)
        self.zero_points = {name: range_.zero_point for name, range_ in ranges.items()}
        self.steps = {name: nn.Parameter(torch.tensor(range_.scale).log()) for name, range_ in ranges.items()}
        self.shifts: dict[str, nn.Parameter] = {}
        self.turns: dict[str, nn.Parameter] = {}
        self._rows: dict[str, tuple[Tensor, Tensor]] = {}

    def note(self, name: str, x: Tensor) -> Tensor:
        if name not in self.steps:
            return x
        step, zero_point = self.steps[name].exp(), self.zero_points[name]
        steps = (x / step).clamp(-zero_point, LEVELS - zero_point)
        return _round(steps) * step

    def apply(self, name: str, x: Tensor, layer: nn.Conv2d) -> Tensor:  # type: ignore[override]
        if name not in self.steps:  # it stays in floats, and so do its weights
            return super().apply(name, x, layer)
        if name not in self._rows:
            self._rows[name] = row_steps(layer.weight.detach())
            self.shifts[name] = nn.Parameter(torch.zeros(layer.out_channels))
            self.turns[name] = nn.Parameter(torch.zeros_like(layer.weight))
        assert layer.bias is not None
        bias = layer.bias.detach() + self.shifts[name]
        return functional.conv2d(x, self._weight(name), bias, layer.stride, layer.padding, 1, layer.groups)

    def _weight(self, name: str) -> Tensor:
        steps, scale = self._rows[name]
        # A row's largest weight stays, since it determines the row's scale.
        turns = self.turns[name].clamp(-1, 1) * (steps.abs() < WEIGHT_LEVELS - 0.5)
        return _round((steps + turns).clamp(-WEIGHT_LEVELS, WEIGHT_LEVELS)) * scale

    def ranges(self) -> dict[str, Range]:
        """The learned ranges."""
        return {
            name: Range(-self.zero_points[name] * step, (LEVELS - self.zero_points[name]) * step)
            for name, step in ((name, float(value.detach().exp())) for name, value in self.steps.items())
        }

    def mend(self, backbone: Backbone) -> None:
        """Copy the learned weights and biases into a backbone."""
        for name, shift in self.shifts.items():
            layer = backbone.get_submodule(_module(name))
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            layer.weight.data = self._weight(name).detach()
            layer.bias.data += shift.detach()


def _module(name: str) -> str:
    """The path of the layer whose result has that name."""
    return f"{name.removesuffix('.gate')}.excite" if name.endswith(".gate") else name


def tune(
    backbone: Backbone,
    teacher: Teacher | Tiny,
    ranges: Mapping[str, Range],
    batches: Sequence[Tensor],
    report: Callable[[int, float], None],
) -> dict[str, Range]:
    """Learn ranges, and weights' rounding and biases in place, from batches of lines (N×3×48×W, normalised).

    Args:
        backbone: to be quantised.
        teacher: the original network, whose neck weighs the errors.
        ranges: initial ranges of the backbone's results.
        batches: one for each step; learning rates decay to zero over them.
        report: receives each step's number and loss, the error of the head's input as a share of its variance.

    Returns:
        The learned ranges.
    """
    tuned = Tuned(ranges)
    backbone.requires_grad_(False)
    teacher.requires_grad_(False)
    with torch.no_grad():  # every convolution has a shift once it was met
        look(backbone, torch.zeros(1, 3, HEIGHT_PIXELS, 64), tuned)
    optimiser = torch.optim.Adam(
        [
            {"params": list(tuned.steps.values()), "lr": _STEP_RATE},
            {"params": list(tuned.shifts.values()), "lr": _BIAS_RATE},
            {"params": list(tuned.turns.values()), "lr": _WEIGHT_RATE},
        ]
    )
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, len(batches))
    for number, x in enumerate(batches):
        with torch.no_grad():
            wanted = teacher.neck(teacher.backbone(x))
        loss = head_error(teacher.neck(look(backbone, x, tuned).squeeze(2)), wanted)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        decay.step()
        report(number, float(loss.detach()))
    tuned.mend(backbone)
    return tuned.ranges()


def head_error(guess: Tensor, wanted: Tensor) -> Tensor:
    """Squared error as a share of the variance, averaged over lines, and limited so that no line dominates."""
    errors = (guess - wanted).square().mean((1, 2)) / wanted.var()
    return errors.clamp(max=_WORST).mean()
