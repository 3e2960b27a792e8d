"""Ballot boxes in lines, in which the recogniser sees no character, or a wrong one: detected by their frames."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeocr.characters import is_han
from edgeocr.model.marks import CONTRAST, contrast, runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Character, ReadText

_LEAST_BEFORE = 0.6
"""What is before a line's first character where a box may be, in heights of the line."""
_LEAST_SIDE, _LEAST_SIDE_PIXELS = 0.35, 7
"""Of a box, in heights of the line and in pixels."""
_LEAST_ASPECT = 0.8
"""The shorter side by the longer one."""
_LEAST_DRAWN = 0.85
"""Of each side of a frame so much is drawn."""
_INSIDE = 0.25
"""What is within a box begins so far from its sides, in these."""
_LEAST_TICKED = 0.05
"""Of that a tick covers so much."""
_CONFIDENCE = 0.9
_TICKED, _EMPTY = BOXES = "☑", "☐"
_BESIDE = 0.25
"""Of a box's width: so far behind it its right side may be read as a character of its own."""
_NEAR = 1.05
"""From a character to the middle of the next Han one it is less, in its widths; behind a box there is more."""
_SIDES = "|｜丨"
"""What a frame's sides are read as, beside the number or letter in it."""
_LIKE_BOXES, _SURE = "口囗XxVv", 0.8
"""What an empty box is taken for, and a tick; and the confidence with which others are read that look like a box."""


def with_leading_box(read: ReadText, line: Pixels) -> ReadText:
    """What was read of an H×W×3 BGR line, and the ballot box with which it begins, if there is one."""
    height, width = line.shape[:2]
    if not read.characters or read.characters[0].text in (_TICKED, _EMPTY):
        return read
    first = read.characters[0]
    end = round((first.start + first.end) / 2 * width)
    if end < _LEAST_BEFORE * height:
        return read
    box = _first_mark(contrast(line[:, :, 1])[:, :end] >= CONTRAST)
    if box is None or min(box.shape) < max(_LEAST_SIDE * height, _LEAST_SIDE_PIXELS) or not _is_frame(box):
        return read
    margin = round(_INSIDE * min(box.shape))
    is_ticked = box[margin:-margin, margin:-margin].mean() >= _LEAST_TICKED
    found = Character(_TICKED if is_ticked else _EMPTY, _CONFIDENCE, 0.0, first.start)
    space = Character(" ", _CONFIDENCE, first.start, first.start)
    characters = (found, space, *read.characters)
    confidence = sum(one.confidence for one in characters) / len(characters)
    return ReadText("".join(one.text for one in characters), confidence, characters)


def with_box(read: ReadText, left: float, right: float, *, is_ticked: bool) -> ReadText:
    """What was read of a line with a box between two shares of its length: in place of what was read there, a box.

    A character that looks like one, as 国 and Q do, stays where it was read surely, as does a number in a frame.
    """
    end = right + _BESIDE * (right - left)
    inside = [one for one in read.characters if left <= (one.start + one.end) / 2 <= end and one.text != " "]
    if any(one.text.isalnum() and one.text not in _LIKE_BOXES and one.confidence >= _SURE for one in inside):
        return _without_sides(read, left - _BESIDE * (right - left), end)
    before = [one for one in read.characters if (one.start + one.end) / 2 < left and one.text != " "]
    behind = [one for one in read.characters if (one.start + one.end) / 2 > end]
    if not behind:
        return read
    following = behind[0]
    is_near = (following.start + following.end) / 2 - right < _NEAR * (right - left)
    if is_near and is_han(following.text) and [one.text for one in inside] in (["口"], ["囗"]):
        return read
    box = Character(_TICKED if is_ticked else _EMPTY, _CONFIDENCE, left, right)
    space = [] if behind[0].text == " " else [Character(" ", _CONFIDENCE, right, right)]
    characters = (*before, box, *space, *behind)
    confidence = sum(one.confidence for one in characters) / len(characters)
    return replace(read, text="".join(one.text for one in characters), confidence=confidence, characters=characters)


def _without_sides(read: ReadText, left: float, right: float) -> ReadText:
    """What was read without a frame's sides, between two shares of the line's length: there is space."""
    found: list[Character] = []
    for one in read.characters:
        is_side = one.text in _SIDES and left <= (one.start + one.end) / 2 <= right
        if not is_side and not (one.text == " " and (not found or found[-1].text == " ")):
            found.append(one)
        elif is_side and found and found[-1].text != " ":
            found.append(replace(one, text=" "))
    if found == list(read.characters):
        return read
    confidence = sum(one.confidence for one in found) / len(found)
    return replace(read, text="".join(one.text for one in found), confidence=confidence, characters=tuple(found))


def _first_mark(marks: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    """The first run of columns with marks in them that ends, cut to these."""
    begin, end = next(iter(runs(np.asarray(marks.any(0)))), (0, marks.shape[1]))
    if end == marks.shape[1]:
        return None
    mark = marks[:, begin:end]
    rows = np.flatnonzero(mark.any(1))
    return mark[rows[0] : rows[-1] + 1]


def _is_frame(box: NDArray[np.bool_]) -> bool:
    height, width = box.shape
    if min(height, width) < _LEAST_ASPECT * max(height, width):
        return False
    thick = max(1, round(0.12 * min(height, width)))
    sides = box[:thick].any(0), box[-thick:].any(0), box[:, :thick].any(1), box[:, -thick:].any(1)
    return all(side.mean() >= _LEAST_DRAWN for side in sides)
