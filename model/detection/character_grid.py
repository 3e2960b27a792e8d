"""Grids of upright characters with the same distance across and down, such as a poem set as a square.

The detector joins neighbours in either direction, and finds pieces of rows and columns. Strokes show that characters
form a grid. It is read downwards if its columns are further apart than the characters in them, or, if both distances
are the same, if it is higher than wide.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.marks import CONTRAST, contrast, runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon

_LEAST_PIECES = 4
_LEAST_SIDE = 3
"""Columns and rows of a grid."""
_MOST_CHARACTERS = 16.0
"""Maximum median length of the pieces in multiples of their thickness: longer ones are lines."""
_NEAR = 0.6
"""Maximum distance of the pieces of a grid, in multiples of their thickness."""
_LEAST_FILL, _MOST_UNEVEN = 0.65, 0.08
"""Minimum share of the pitch that wide characters fill, and maximum variation of the pitch."""
_LEAST_FULL = 0.8
"""Minimum share of cells with a character."""
_FURTHER = 1.08
"""If the pitches differ by this factor, they decide the direction."""
_MARGIN = 0.08
_LEAST_PIXELS, _MOST_PIXELS = 8, 4_000_000
"""Minimum side of a character, and maximum size of a grid."""

_Runs = list[tuple[int, int]]


def with_grid_columns(page: Pixels, tone: Tone, polygons: Sequence[Polygon]) -> list[Polygon]:
    """The lines of an H×W×3 BGR page, with the pieces of grids that are read downwards replaced by columns."""
    if len(polygons) < _LEAST_PIECES:
        return list(polygons)
    corners = np.array(polygons, np.float64)
    low, high = corners.min(1), corners.max(1)
    sizes = high - low
    thicknesses = sizes.min(1)
    if np.median(sizes.max(1) / np.maximum(thicknesses, 1.0)) > _MOST_CHARACTERS:
        return list(polygons)
    found: list[Polygon] = []
    for members in _groups(low, high, _NEAR * float(np.median(thicknesses))):
        columns = _columns(page, tone, low[members].min(0), high[members].max(0)) if len(members) > 3 else []
        found += columns or [polygons[place] for place in members]
    return found


def _groups(low: NDArray[np.float64], high: NDArray[np.float64], near: float) -> Iterator[list[int]]:
    """Groups of boxes, by index, each near some other one of its group."""
    left = set(range(len(low)))
    while left:
        group, edge = [], [left.pop()]
        while edge:
            place = edge.pop()
            group.append(place)
            apart = np.maximum(low - high[place], low[place] - high).max(1)
            more = left.intersection(np.flatnonzero(apart <= near).tolist())
            left -= more
            edge += more
        yield sorted(group)


def _columns(page: Pixels, tone: Tone, low: NDArray[np.float64], high: NDArray[np.float64]) -> list[Polygon]:
    """The columns of a grid within a box; none if there is none, or if it is read across."""
    left, top = np.maximum(np.floor(low), 0).astype(int).tolist()
    right, bottom = np.ceil(high).astype(int).tolist()
    area = np.asarray(cv2.extractChannel(page[top:bottom, left:right], 1), np.uint8)
    if not 0 < area.size <= _MOST_PIXELS:
        return []
    if tone.table is not None:
        area = tone.table[area]
    apart = contrast(area)
    across, down = (_cells(apart.max(axis) >= CONTRAST) for axis in (0, 1))
    if across is None or down is None or min(len(across), len(down)) < _LEAST_SIDE:
        return []
    marks = apart >= CONTRAST
    is_full = np.array([[marks[y[0] : y[1], x[0] : x[1]].any() for x in across] for y in down])
    if is_full.mean() < _LEAST_FULL:
        return []
    ratio = _pitch(across) / _pitch(down)
    if ratio < 1 / _FURTHER or (ratio < _FURTHER and len(down) <= len(across)):
        return []
    margin = _MARGIN * _pitch(across)
    found: list[Polygon] = []
    for column, (begin, end) in enumerate(across):
        rows = np.flatnonzero(is_full[:, column])
        first, last = left + begin - margin, left + end + margin
        upper, lower = top + down[int(rows[0])][0] - margin, top + down[int(rows[-1])][1] + margin
        found.append(((first, upper), (last, upper), (last, lower), (first, lower)))
    return found


def _cells(inked: NDArray[np.bool_]) -> _Runs | None:
    """The extents of characters along a side of a grid; None if they do not form a grid."""
    strokes = runs(inked)
    if not strokes:
        return None
    side = max(end - begin for begin, end in strokes)
    cells: _Runs = []
    for begin, end in strokes:
        # The parts of a character of which some stand apart in every line.
        if cells and end - cells[-1][0] <= 1.05 * side:
            cells[-1] = cells[-1][0], end
        else:
            cells.append((begin, end))
    if side < _LEAST_PIXELS or len(cells) < _LEAST_SIDE:
        return None
    # A row of stops alone is lower.
    lengths = np.array([end - begin for begin, end in cells[:-1]])
    pitch = _pitch(cells)
    steps = np.diff([(begin + end) / 2 for begin, end in cells[:-1]])
    is_grid = lengths.min() >= _LEAST_FILL * pitch and np.abs(steps - pitch).max(initial=0.0) <= _MOST_UNEVEN * pitch
    return cells if is_grid else None


def _pitch(cells: _Runs) -> float:
    return float(np.median(np.diff([(begin + end) / 2 for begin, end in cells])))
