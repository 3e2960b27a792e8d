"""Marks whose width their distance from their neighbours tells: round brackets, and the dash that is as long as two.

By its own look a bracket of full width is one of half width; what differs is the space that stands beside it: before an
opening one, behind a closing one. And a long dash is no different from a short one to a network that looks for borders.
"""

import unicodedata
from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

_FULL = {"(": "（", ")": "）"}
_LEAST_SIDE = 4.5
"""Time steps of a wide character's own square, at least: at a line's ends the network sees them closer."""
_LEAST_CENTRED, _LEAST_NEAR, _LEAST_FAR = 0.85, 0.72, 1.2
"""From a bracket of full width to a wide character the least distance in squares, by where in its own that has its ink:
all over it, on the bracket's side, or on the other one."""
_EARLY, _LATE = frozenset("、。，．：；？！）】》〉」』〕”’"), frozenset("（【《〈「『〔“‘")
"""What has its ink at the beginning of its square, and at the end."""
_SPACE = 0.25
"""What a space that was read adds to that, since it may be one."""
_DASH, _LONG_DASH = "—", 2.5
"""What stands on both sides of a dash of two squares is so many of them apart, at least, from middle to middle."""
_OFF = 0.25
"""How far from its square's middle such a mark is, in squares."""
_MARKS = {_DASH, *_FULL}


def corrected(texts: Sequence[str], centres: NDArray[np.float64]) -> list[str]:
    """A line's characters, of which brackets have the width that they have, and a dash of two squares is two.

    Args:
        texts: the characters.
        centres: where each of them is, in time steps.
    """
    found = list(texts)
    if not _MARKS & set(texts):
        return found
    side = _side(texts, centres)
    for place, text in enumerate(texts):
        if text == _DASH and _is_long(texts, centres / side, place):
            found[place] = 2 * _DASH
        step = -1 if text == "(" else 1
        neighbour = place + step
        is_spaced = 0 <= neighbour < len(texts) and texts[neighbour] == " "
        if is_spaced:
            neighbour += step
        if text in _FULL and 0 <= neighbour < len(texts):
            least = _least_distance(texts[neighbour], is_before=text == "(")
            if least is not None and is_spaced:
                least += _SPACE
            if least is not None and abs(centres[place] - centres[neighbour]) >= least * side:
                found[place] = _FULL[text]
    return found


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
    """The distance from which on a bracket has full width; None where this neighbour does not decide it."""
    if _is_wide(neighbour):
        return _LEAST_CENTRED
    if neighbour in _EARLY:
        return _LEAST_FAR if is_before else _LEAST_NEAR
    if neighbour in _LATE:
        return _LEAST_NEAR if is_before else _LEAST_FAR
    return None


def _is_long(texts: Sequence[str], squares: NDArray[np.float64], place: int) -> bool:
    """Whether a dash among wide characters takes two squares; `squares` is where each character is, in these."""
    if place + 1 == len(texts) or _DASH in (texts[place + 1], texts[place - 1] if place else ""):
        return False
    begin = _middle(texts[place - 1], float(squares[place - 1])) if place else -0.5
    end = _middle(texts[place + 1], float(squares[place + 1]))
    return begin is not None and end is not None and end - begin >= _LONG_DASH


def _middle(text: str, centre: float) -> float | None:
    """Of a wide character's square; None of what is not wide."""
    if text in _EARLY:
        return centre + _OFF
    if text in _LATE:
        return centre - _OFF
    return centre if _is_wide(text) else None
