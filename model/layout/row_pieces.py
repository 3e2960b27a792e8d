"""Lines that the detector broke at a wide mark, as 】 or —— is, put together again.

The pieces of such a line overlap, since each of them was grown beyond its text, and both would show the mark. Columns
that stand close overlap as well, but do so in row after row at one place. A stop that overlaps its line is part of it.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Polygon

_LEAST_OVERLAP = 0.2
"""Of neighbours in a row, in heights of the lower one."""
_LEVEL, _ALIKE = 0.2, 0.6
"""Their middles are less apart, and the heights differ by less than that share."""
_LARGEST_MARK, _LEAST_SEEN = 0.65, 0.3
"""Of a line's height a mark's sides are less, and of its width so much is in the line that it belongs to."""
_MOST_DEGREES = 2.0
_MOST_ALIKE = 2
"""So many other rows are broken at the same place, at most, by chance."""


def put_together(polygons: Sequence[Polygon]) -> list[tuple[Polygon, tuple[int, ...]]]:
    """The lines of a level page in reading orientation, and the places of the ones that each was made of."""
    polygons, marks = _with_end_marks(polygons)
    follows = _followers(polygons)
    following = set(follows.values())
    begun = set(follows) - following
    taken = {mark for some in marks.values() for mark in some}
    found = []
    for place, polygon in enumerate(polygons):
        if place in begun:
            chain = [place]
            while chain[-1] in follows:
                chain.append(follows[chain[-1]])
            places = tuple(one for piece in chain for one in (piece, *marks.get(piece, ())))
            found.append((_around([polygons[one] for one in chain]), places))
        elif place not in follows and place not in following and place not in taken:
            found.append((polygon, (place, *marks.get(place, ()))))
    return found


def _with_end_marks(polygons: Sequence[Polygon]) -> tuple[list[Polygon], dict[int, list[int]]]:
    """The polygons, of which lines reach over small marks that overlap one of their ends; and these, by their line."""
    found = list(polygons)
    marks: dict[int, list[int]] = {}
    if len(polygons) < 2:
        return found, marks
    corners = np.array(polygons, np.float64)
    low, high = corners.min(1), corners.max(1)
    widths, heights = (high - low).T
    for mark in np.flatnonzero(widths < 2 * heights).tolist():
        is_within = (low[:, 1] <= low[mark, 1]) & (high[:, 1] >= high[mark, 1])
        is_line = (widths > heights) & (np.maximum(widths[mark], heights[mark]) <= _LARGEST_MARK * heights)
        overlap = np.minimum(high[:, 0], high[mark, 0]) - np.maximum(low[:, 0], low[mark, 0])
        at_end = (overlap >= _LEAST_SEEN * widths[mark]) & (overlap < widths[mark])
        lines = np.flatnonzero(is_within & is_line & at_end).tolist()
        if len(lines) == 1:
            (line,) = lines
            top_left, top_right, bottom_right, bottom_left = found[line]
            left, right = float(low[mark, 0]), float(high[mark, 0])
            if high[mark, 0] > high[line, 0]:
                found[line] = top_left, (right, top_right[1]), (right, bottom_right[1]), bottom_left
            else:
                found[line] = (left, top_left[1]), top_right, bottom_right, (left, bottom_left[1])
            marks.setdefault(line, []).append(mark)
    return found, marks


def _followers(polygons: Sequence[Polygon]) -> dict[int, int]:
    """For each piece but the last of a line, the next."""
    if len(polygons) < 2:
        return {}
    corners = np.array(polygons, np.float64)
    low, high = corners.min(1), corners.max(1)
    heights, middles = (high - low)[:, 1], (low + high)[:, 1] / 2
    is_level = np.abs(corners[:, 1, 1] - corners[:, 0, 1]) * 57.3 <= _MOST_DEGREES * (high - low)[:, 0]
    found, borders = {}, []
    for place in np.flatnonzero(is_level).tolist():
        after = _next(place, low, high, heights, middles, is_level)
        if after is not None:
            found[place] = after
            borders.append((place, (high[place, 0] + low[after, 0]) / 2))
    for place, border in borders:
        if sum(abs(other - border) < heights[place] for _, other in borders) > 1 + _MOST_ALIKE:
            del found[place]
    return found


def _next(
    place: int,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    heights: NDArray[np.float64],
    middles: NDArray[np.float64],
    is_level: NDArray[np.bool_],
) -> int | None:
    lesser = np.minimum(heights, heights[place])
    overlap = high[place, 0] - low[:, 0]
    goes_on = (low[:, 0] > low[place, 0]) & (high[:, 0] > high[place, 0])
    is_alike = (np.abs(middles - middles[place]) < _LEVEL * lesser) & (
        lesser > _ALIKE * np.maximum(heights, heights[place])
    )
    near = np.flatnonzero(is_level & goes_on & is_alike & (overlap >= _LEAST_OVERLAP * lesser) & (overlap < 2 * lesser))
    return int(near[0]) if len(near) == 1 else None


def _around(pieces: Sequence[Polygon]) -> Polygon:
    """The line of pieces that follow one another, as high as the highest."""
    corners = np.array(pieces)
    left, right = float(corners[:, :, 0].min()), float(corners[:, :, 0].max())
    slope = (corners[-1, 1:3, 1].mean() - corners[0, [0, 3], 1].mean()) / (right - left)
    upper = float((corners[:, :2, 1] - slope * (corners[:, :2, 0] - left)).min())
    lower = float((corners[:, 2:, 1] - slope * (corners[:, 2:, 0] - left)).max())
    fall = float(slope * (right - left))
    return (left, upper), (right, upper + fall), (right, lower + fall), (left, lower)
