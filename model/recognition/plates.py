"""Licence plates of mainland China, whose first character is one of thirty-one provinces and mostly a blur.

Where the likeliest character is no province and the rest of the line has a plate's form, the likeliest province is
read.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import ReadText

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"

# GA 36-2018: a letter for the city, five characters or, of electric cars, six; neither has an I or an O.
_PLATE = re.compile(r"[\u4e00-\u9fff][A-HJ-NP-Z][·•.]?[A-HJ-NP-Z0-9]{5,6}")
_LEAST_PROBABILITY = 0.01
"""Of a province: a character that is surely another one stays."""


def lacks_province(text: str) -> bool:
    """Whether a text has a plate's form but for its first character, a Han one that is no province."""
    return _PLATE.fullmatch(text) is not None and text[0] not in PROVINCES


def first_steps(classes: NDArray[np.intp]) -> slice:
    """The time steps of the first character of a path that has one."""
    start = int(np.flatnonzero(classes)[0])
    others = np.flatnonzero(classes[start:] != classes[start])
    return slice(start, start + int(others[0]) if others.size else len(classes))


def with_province(read: ReadText, scores: NDArray[np.float32], charset: Sequence[str]) -> ReadText:
    """The text with the likeliest province as its first character, or as it is where none is likely.

    Args:
        read: a text that lacks a province.
        scores: T×(1 + charset), before softmax, of the first character's time steps; class 0 is the blank.
        charset: the characters of classes 1, 2, ….
    """
    known = [place for place, character in enumerate(charset, 1) if character in PROVINCES]
    likely = np.exp(scores[:, known] - scores.max(axis=1, keepdims=True))
    likely /= np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    probabilities = likely.max(axis=0, initial=0.0)
    if probabilities.max(initial=0.0) < _LEAST_PROBABILITY:
        return read
    best = int(probabilities.argmax())
    province = replace(read.characters[0], text=charset[known[best] - 1], confidence=float(probabilities[best]))
    characters = (province, *read.characters[1:])
    confidence = sum(character.confidence for character in characters) / len(characters)
    return ReadText(province.text + read.text[1:], confidence, characters)
