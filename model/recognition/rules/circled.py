"""Circled numbers of two digits, each of which may be read as a character of its own: their distance shows it."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edgeocr.characters import is_han
from edgeocr.model.results import Character

_FIRST, _MOST = "①", 20
_LEAST_SIDE = 4.5
"""Time steps of a wide character's square, at least, where no two of them tell."""
_CLOSE = 0.7
"""Two characters in one circle are less apart, in squares; in two circles they are about one."""


def with_circled_numbers(
    characters: Sequence[Character], centres: NDArray[np.float64]
) -> tuple[list[Character], NDArray[np.float64]]:
    """The characters, of which two that stand in one circle are one, and their centres.

    Args:
        characters: of a line.
        centres: where each of them is, in time steps.
    """
    if not any(_number(one.text) for one in characters):
        return list(characters), centres
    steps = [
        float(centres[place + 1] - centres[place])
        for place in range(len(characters) - 1)
        if is_han(characters[place].text) and is_han(characters[place + 1].text)
    ]
    close = _CLOSE * max(median(steps) if steps else 0.0, _LEAST_SIDE)
    found: list[Character] = []
    kept: list[int] = []
    for place, character in enumerate(characters):
        tens = _number(found[-1].text) if found and centres[place] - centres[place - 1] < close else 0
        is_plain = character.text.isascii() and character.text.isdigit()
        digit = character.text if is_plain else str(_number(character.text) or "")
        if len(digit) == 1 and (tens == 1 or (tens >= 10 and tens % 10 == int(digit))):
            number = tens if tens >= 10 else 10 + int(digit)
            found[-1] = replace(found[-1], text=chr(ord(_FIRST) + number - 1), end=character.end)
        else:
            found.append(character)
            kept.append(place)
    return found, centres[kept]


def _number(text: str) -> int:
    """In a circle, 1 to 20; 0 of what is no such number."""
    number = ord(text) - ord(_FIRST) + 1 if len(text) == 1 else 0
    return number if 1 <= number <= _MOST else 0
