"""Round brackets whose width their distance from their neighbours tells.

By its own look a bracket of full width is one of half width; what differs is the space that stands beside it: before an
opening one, behind a closing one. How far characters are apart shows that.
"""

import unicodedata
from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

_FULL = {"(": "（", ")": "）"}
_LEAST_SIDE = 4.5
"""Time steps of a wide character's own square, at least: at a line's ends the network sees them closer."""
_FAR = {"centre": 0.95, "near": 0.72, "far": 1.2}
"""From a bracket of full width to a wide character the least distance in squares, by where that has its ink."""
_NEAR_SIDE, _FAR_SIDE = frozenset("、。，．：；？！）】》〉」』〕”’"), frozenset("（【《〈「『〔“‘")
"""What has its ink at the beginning of its square, and at the end."""


def widen(texts: list[str], centres: NDArray[np.float64]) -> None:
    """Gives brackets that stand as far from wide characters as those of full width do this width.

    Args:
        texts: a line's characters.
        centres: where each of them is, in time steps.
    """
    if not _FULL.keys() & set(texts):
        return
    side = _side(texts, centres)
    for place, text in enumerate(texts):
        neighbour = place - 1 if text == "(" else place + 1
        if text in _FULL and 0 <= neighbour < len(texts):
            least = _least_distance(texts[neighbour], is_before=text == "(")
            if least is not None and abs(centres[place] - centres[neighbour]) >= least * side:
                texts[place] = _FULL[text]


def _side(texts: Sequence[str], centres: NDArray[np.float64]) -> float:
    """Of a wide character's square, in time steps."""
    steps = [
        float(centres[place + 1] - centres[place])
        for place in range(len(texts) - 1)
        if _is_wide(texts[place]) and _is_wide(texts[place + 1])
    ]
    return max(median(steps), _LEAST_SIDE) if steps else _LEAST_SIDE


def _is_wide(text: str) -> bool:
    return text.isalpha() and unicodedata.east_asian_width(text) == "W"


def _least_distance(neighbour: str, *, is_before: bool) -> float | None:
    """From which on a bracket has full width; None where that neighbour does not tell."""
    if _is_wide(neighbour):
        return _FAR["centre"]
    if neighbour in _NEAR_SIDE:
        return _FAR["far" if is_before else "near"]
    if neighbour in _FAR_SIDE:
        return _FAR["near" if is_before else "far"]
    return None
