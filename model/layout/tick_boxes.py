"""Tick boxes before level lines, detected by their frames, which detector and recogniser ignore.

A frame is what is left of the marks around a line's beginning once all but straight strokes is taken away: letters and
ticks are not straight for as long, and of a table's rulings there is more than one cell.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.geometry.polygons import line_size
from edgeocr.model.marks import paper
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon

_LEAST_HEIGHT = 12.0
"""Of a line, in pixels; frames of smaller ones are too coarse."""
_BEFORE, _WITHIN, _AROUND = 3.0, 1.8, 1.0
"""Where a box may be: so far before a line's beginning and behind it, and above and below its middle, in heights."""
_LATEST = 0.3
"""How far behind its line's beginning a box begins, in heights, at most."""
_SCALED = 32
"""Pixels of a line's height in which frames are looked for."""
_CONTRAST = 40
"""By how much a frame differs from its paper, 0–255; its strokes may be thinner than a pixel."""
_STRAIGHTS = 0.35, 0.6
"""How long straight strokes are at least, in heights: those of small boxes, and of larger ones with a steep tick."""
_LEAST_SIDE, _MOST_SIDE, _LEAST_ASPECT = 0.5, 1.7, 0.8
"""Of a box, in heights, and the shorter side by the longer one."""
_OFF = 0.45
"""How far a box's middle is from its line's, in heights, at most."""
_THICK, _LEAST_DRAWN = 0.14, 0.85
"""How thick a frame's sides are, in its own, and how much of each is drawn."""
_LEAST_SPANNED = 0.7
"""Of what is connected with a frame, its sides are as long, at least."""
_CORNER = 0.07
"""How far from a frame's corners something is drawn at most, likewise; of letters they are round."""
_INSIDE, _LEAST_TICKED = 0.22, 0.06
"""What is within a frame begins so far from its sides, in these; of that a tick covers so much."""
_MOST_CROSSED = 0.8
"""Of a row or a column within a frame a tick covers less."""
_LEAST_BEHIND = 0.5
"""How much of its line is behind a box, in heights, at least: a square alone is none."""
_MOST_DEGREES = 1.5
_OWN = 0.5
"""Lines that lie within a box with so much of their area are parts of it."""


@dataclass(frozen=True, slots=True)
class TickBox:
    """A box in front of a line.

    Attributes:
        left, right: of its frame, as shares of the line's length from its beginning.
        is_ticked: whether it has a mark.
    """

    left: float
    right: float
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame in pixels of the page."""

    left: float
    top: float
    right: float
    bottom: float
    is_ticked: bool


def with_boxes(page: Pixels, tone: Tone, polygons: Sequence[Polygon]) -> list[tuple[Polygon, int, TickBox | None]]:
    """The lines of an H×W×3 BGR page, of which those with a box in front begin with it.

    Returns:
        Their polygons, the place that each had before, and the boxes. What was taken for a line and is but a box, or a
        part of one, is no longer there.
    """
    frames = {place: frame for place, polygon in enumerate(polygons) for frame in _frames(page, tone, polygon)}
    gone = _places_within(frames.values(), polygons)
    found = []
    for place, polygon in enumerate(polygons):
        if place in gone:
            continue
        frame, box = frames.get(place), None
        if frame is not None:
            (left, top), top_right, bottom_right, (lower_left, bottom) = polygon
            reach = max(0.0, min(left, lower_left) - frame.left)
            start, length = left - reach, top_right[0] - (left - reach)
            polygon = (start, top), top_right, bottom_right, (lower_left - reach, bottom)
            shares = (frame.left - start) / length, (frame.right - start) / length
            box = TickBox(max(0.0, shares[0]), shares[1], frame.is_ticked)
        found.append((polygon, place, box))
    return found


def _places_within(frames: Collection[_Frame], polygons: Sequence[Polygon]) -> set[int]:
    """The places of polygons that lie within one of the frames."""
    corners = np.array(polygons, np.float64).reshape(-1, 4, 2)
    (left, top), (right, bottom) = corners.min(1).T, corners.max(1).T
    least = _OWN * (right - left) * (bottom - top)
    found: set[int] = set()
    for frame in frames:
        across = np.minimum(right, frame.right) - np.maximum(left, frame.left)
        down = np.minimum(bottom, frame.bottom) - np.maximum(top, frame.top)
        found.update(np.flatnonzero((across > 0) & (down > 0) & (across * down > least)).tolist())
    return found


def _frames(page: Pixels, tone: Tone, polygon: Polygon) -> Iterator[_Frame]:
    """The box in front of a line, if there is one: of several, the nearest."""
    top_left, top_right, _, bottom_left = polygon
    width, height = line_size(polygon)
    if height < _LEAST_HEIGHT or width < height or abs(top_right[1] - top_left[1]) * 57.3 > _MOST_DEGREES * width:
        return
    middle = (top_left[1] + bottom_left[1]) / 2
    left, right = (
        max(0, round(top_left[0] - _BEFORE * height)),
        min(page.shape[1], round(top_left[0] + _WITHIN * height)),
    )
    top, bottom = max(0, round(middle - _AROUND * height)), min(page.shape[0], round(middle + _AROUND * height))
    scale = min(1.0, _SCALED / height)
    size = round((right - left) * scale), round((bottom - top) * scale)
    if min(size) < _LEAST_SIDE * height * scale:
        return
    strip = np.ascontiguousarray(page[top:bottom, left:right, 1])
    strip = np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), np.uint8)
    if tone.table is not None:
        strip = np.asarray(cv2.LUT(strip, tone.table), np.uint8)
    apart = cv2.absdiff(strip, np.full_like(strip, paper(np.ascontiguousarray(strip[::2, ::2]))))
    marks = np.asarray(cv2.threshold(apart, _CONTRAST, 1, cv2.THRESH_BINARY)[1], np.uint8)
    near = [
        (x, y, wide, high)
        for x, y, wide, high in _squares(marks, height * scale)
        if abs(top + (y + high / 2) / scale - middle) <= _OFF * height
        and left + x / scale <= top_left[0] + _LATEST * height
    ]
    if near and left + (max(near)[0] + max(near)[2]) / scale < top_right[0] - _LEAST_BEHIND * height:
        x, y, wide, high = max(near)
        square = marks[y : y + high, x : x + wide]
        if max(_crossed(square), _crossed(square.T)) < _MOST_CROSSED:
            right, bottom = left + (x + wide) / scale, top + (y + high) / scale
            is_ticked = bool(_inside(square, _INSIDE, _INSIDE).mean() >= _LEAST_TICKED)
            yield _Frame(left + x / scale, top + y / scale, right, bottom, is_ticked)


def _crossed(square: NDArray[np.uint8]) -> float:
    """How much of a row within a frame is drawn, at most: most of it in a character, as 日 is one, and in a bullet."""
    return float(_inside(square, _INSIDE, _THICK).mean(1).max())


def _inside(square: NDArray[np.uint8], down: float, across: float) -> NDArray[np.uint8]:
    """What is so far from a square's sides, in these."""
    rows, columns = (round(share * side) for share, side in zip((down, across), square.shape, strict=True))
    return square[rows:-rows, columns:-columns]


def _squares(marks: NDArray[np.uint8], height: float) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, width and height of squares that straight strokes draw, among the marks around a line so high."""
    for share in _STRAIGHTS:
        length = max(3, round(share * height))
        level = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
        # In most text nothing is level for as long.
        if not level.any():
            return
        upright = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
        straight = np.asarray(level | upright, np.uint8)
        contours, _ = cv2.findContours(straight, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        large = [
            (x, y, wide, high)
            for x, y, wide, high in map(cv2.boundingRect, contours)
            if min(wide, high) >= _LEAST_SIDE * height and max(wide, high) <= 2 * _MOST_SIDE * height
        ]
        if not large:
            return
        for x, y, wide, high in large:
            # A tick that crosses a side may make it longer.
            area = slice(y, y + high), slice(x, x + wide)
            rows = np.flatnonzero(level[area].mean(1) >= _LEAST_SPANNED)
            columns = np.flatnonzero(upright[area].mean(0) >= _LEAST_SPANNED)
            if len(rows) and len(columns):
                rows, columns = rows + y, columns + x
                square = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
                if _is_frame(straight[square].astype(bool), height):
                    yield int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def _is_frame(square: NDArray[np.bool_], height: float) -> bool:
    shorter, longer = sorted(square.shape)
    if shorter < _LEAST_SIDE * height or longer > _MOST_SIDE * height or shorter < _LEAST_ASPECT * longer:
        return False
    thick = max(2, round(_THICK * shorter))
    sides = square[:thick].any(0), square[-thick:].any(0), square[:, :thick].any(1), square[:, -thick:].any(1)
    corner = max(2, round(_CORNER * shorter))
    corners = [square[rows, columns].any() for rows in _ends(corner) for columns in _ends(corner)]
    return all(corners) and all(side.mean() >= _LEAST_DRAWN for side in sides)


def _ends(thick: int) -> tuple[slice, slice]:
    return slice(thick), slice(-thick, None)
