"""Splits lines that are too long for one run of the network into overlapping windows, and joins their paths.

Characters at a window's edge are cut, and those near it lack context, so paths are joined where they agree, as far from
both edges as possible.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.recognition.ctc import Path

OVERLAP_STEPS = 40
"""Time steps that neighbouring windows share: about six Chinese characters."""
_AGREEING_STEPS = 3
"""Paths agree in a step if they agree in this many around it: the same character one step earlier is another one."""


def windows(steps: int, most: int) -> list[tuple[int, int]]:
    """Start and end of windows of at most `most` time steps, of about the same length, that cover all steps."""
    if steps <= most:
        return [(0, steps)]
    count = math.ceil((steps - OVERLAP_STEPS) / (most - OVERLAP_STEPS))
    size = math.ceil((steps + (count - 1) * OVERLAP_STEPS) / count)
    starts = [place * (size - OVERLAP_STEPS) for place in range(count)]
    return [(start, min(start + size, steps)) for start in starts]


def joined(paths: Sequence[Path], spans: Sequence[tuple[int, int]]) -> Path:
    """The joined path of all windows, given the time steps that each covers."""
    whole = paths[0]
    for more, (start, _) in zip(paths[1:], spans[1:], strict=True):
        shared = len(whole.classes) - start
        cut = _cut(whole.classes[start:], more.classes[:shared])
        whole = Path.joined([whole.steps(0, start + cut), more.steps(cut, len(more.classes))])
    return whole


def _cut(one: NDArray[np.intp], other: NDArray[np.intp]) -> int:
    """The shared step from which the second path is used: of those in which both agree, the one nearest the middle."""
    middle = len(one) // 2
    agreed = np.convolve(one == other, np.ones(_AGREEING_STEPS, int), "same") == _AGREEING_STEPS
    places = np.flatnonzero(agreed)
    return int(places[np.abs(places - middle).argmin()]) if len(places) else middle
