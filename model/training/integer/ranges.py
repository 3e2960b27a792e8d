"""Chooses the range of each tensor's eight bits from observed float values.

The difficulty is outliers: a range that covers them is coarse for all other values, and one cut by a percentile clips
values that matter. A moving average of each line's extremes lies between (Jacob et al. 2018, arXiv 1712.05877); a
search for the least squared error by histogram is the alternative.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

LEVELS = 255
"""Steps of an activation."""

WEIGHT_LEVELS = 127
"""Steps of a weight on either side of zero."""

Method = Literal["extremes", "average", "error"]

_LEAST_GATED = -50.0
_MOMENTUM = 0.99
_BINS = 4096
_LOWS, _GATED_LOWS = np.linspace(0.3, 1, 15), np.linspace(0.05, 1, 39)
"""Tried minima as shares of the least value; values far below zero hardly pass a gate."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Range:
    """The real values of bytes 0 and 255; zero is always represented exactly."""

    low: float
    high: float

    @property
    def scale(self) -> float:
        """The real width of one step."""
        return float(np.float32((self.high - self.low) / LEVELS))

    @property
    def zero_point(self) -> int:
        """The byte of zero."""
        return int(np.clip(round(-self.low / self.scale), 0, LEVELS))


def holding_zero(low: float, high: float) -> Range:
    """The range widened to include zero, and shifted so that a byte represents it."""
    low, high = min(low, 0.0), max(high, 1e-6)
    scale = (high - low) / LEVELS
    zero_point = round(-low / scale)
    return Range(-zero_point * scale, (LEVELS - zero_point) * scale)


@dataclass
class Seen:
    """Statistics of one tensor's values, by line."""

    low: float = 0.0
    high: float = 0.0
    average_low: float = 0.0
    average_high: float = 0.0
    lines: int = 0
    counts: np.ndarray = field(default_factory=lambda: np.zeros(_BINS))
    edges: tuple[float, float] = (0.0, 0.0)

    def note(self, values: Tensor) -> None:
        """Add one line's values."""
        low, high = float(values.min()), float(values.max())
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.lines += 1
        weight = max(1 - _MOMENTUM, 1 / self.lines)
        self.average_low += weight * (low - self.average_low)
        self.average_high += weight * (high - self.average_high)
        self._count(values, low, high)

    def _count(self, values: Tensor, low: float, high: float) -> None:
        if low < self.edges[0] or high > self.edges[1]:
            wider = (min(1.25 * low, self.edges[0]), max(1.25 * high, self.edges[1], 1e-6))
            centres = np.linspace(*self.edges, 2 * _BINS + 1)[1::2]
            self.counts = np.histogram(centres, _BINS, wider, weights=self.counts)[0]
            self.edges = wider
        self.counts += torch.histc(values, _BINS, *self.edges).numpy()

    def chosen(self, method: Method, *, is_gated: bool = False) -> Range:
        """The range by a method; for inputs of a gate, x·σ(x), by the least squared error of the gate's output."""
        if method == "extremes":
            return holding_zero(self.low, self.high)
        if method == "average":
            return holding_zero(self.average_low, self.average_high)
        return self._least_error(_gated if is_gated else _as_it_is, _GATED_LOWS if is_gated else _LOWS)

    def _least_error(self, result: Callable[[Floats], Floats], lows: Floats) -> Range:
        """The range within the extremes with the least mean square of rounding and clipping errors after a function."""
        centres = np.linspace(*self.edges, 2 * _BINS + 1)[1::2]
        best, least = holding_zero(self.low, self.high), np.inf
        wanted = result(centres)
        for low_share in lows if self.low < -1e-3 * self.high else (1.0,):
            for high_share in np.linspace(0.2, 1, 33):
                tried = holding_zero(low_share * self.low, high_share * self.high)
                steps = np.clip(np.rint(centres / tried.scale), -tried.zero_point, LEVELS - tried.zero_point)
                error = float(((result(steps * tried.scale) - wanted) ** 2) @ self.counts)
                if error < least:
                    best, least = tried, error
        return best


def _as_it_is(x: Floats) -> Floats:
    return x


def _gated(x: Floats) -> Floats:
    return np.asarray(x / (1 + np.exp(-np.maximum(x, _LEAST_GATED))))


def choose(seen: Mapping[str, Seen], method: Method, gated: Collection[str] = ()) -> dict[str, Range]:
    """The range of every tensor by one method; `gated` are inputs of gates."""
    return {name: what.chosen(method, is_gated=name in gated) for name, what in seen.items()}
