"""Text that runs downwards in upright characters, as vertical Chinese does: split into its characters, which are laid
in a row, since rows are what the recogniser reads.

Borders are the rows of pixels with the least ink that leave cells of about one height.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.geometry.polygons import oriented
from edgeocr.model.marks import CONTRAST, contrast, runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon, ReadText

_WIDTH = 24
"""Pixels to which a column is scaled before it is split."""
_PITCHES = (0.75, 0.85, 0.95, 1.05, 1.2)
"""From one character to the next, as shares of the column's width: what is tried."""
_SMALLEST, _LARGEST = 0.5, 1.5
"""A cell's height, as a share of the pitch."""
_EVENNESS = 4.0
"""What a cell costs that is higher or lower than the pitch, in addition to the ink that its border cuts."""
_INK = 0.05
"""Of the most ink in a row of pixels; rows with less at either end hold no text."""

_TALL_RATIO = 3.0
"""What is this many times higher than wide is a piece of a column, to which others may belong."""
_LEAST_SHARED = 0.6
"""Of their widths, what pieces of a column share."""
_LARGEST_STOP, _FURTHEST_STOP = 0.75, 0.5
"""A stop's longer side, and how far it stands below its column, as shares of the column's width."""
_LARGEST_IN_CELL = 0.45
"""A stop that was taken for a part of the last character, likewise: on the right, with space above it."""
_STOP_MARGIN, _STOP_EDGE = 0.06, 0.03
"""In a row, left of a stop and below it, likewise, and what around it is blurred."""
_LEFT_OVER = 0.07
"""Of a neighbouring character's end in a stop's cell, likewise, at most."""
_LEAST_ABOVE = 0.1
"""Where the last character ends above its stop, likewise, at least: less is what the one before left."""
_MOST_GAP, _MOST_OVERLAP = 0.3, 0.6
"""Between pieces of a column, as shares of their width."""
_MOST_STOP_GAP, _ALIGNED = 0.95, 0.85
"""Between tall ones that share so much of it, likewise."""


@dataclass(frozen=True, slots=True)
class VerticalLine:
    """A column laid in a row.

    Attributes:
        row: its characters side by side, H×W×3 BGR.
        borders: one more than characters, as shares of the column's height, rising.
    """

    row: Pixels
    borders: NDArray[np.float64]

    def read(self, row: ReadText) -> ReadText:
        """What was read in the row, with extents along the column."""
        places = np.linspace(0, 1, len(self.borders))
        characters = tuple(
            replace(
                character,
                start=float(np.interp(character.start, places, self.borders)),
                end=float(np.interp(character.end, places, self.borders)),
            )
            for character in row.characters
        )
        return replace(row, characters=characters)


def joined(polygons: Sequence[Polygon]) -> list[Polygon]:
    """The polygons of a page, of which those that are pieces of one column have become one, its last stop included."""
    return _with_stops(_chained(polygons))


def _with_stops(polygons: Sequence[Polygon]) -> list[Polygon]:
    """The polygons, those of columns with the stop that stands right below them, to the right of their middle."""
    corners = np.array(polygons, np.float32).reshape(-1, 4, 2)
    low, high = corners.min(1), corners.max(1)
    widths, heights = (high - low).T
    middles = (low + high) / 2
    taken: set[int] = set()
    found = dict(enumerate(polygons))
    for column in np.flatnonzero(heights >= _TALL_RATIO * widths).tolist():
        width = widths[column]
        is_small = np.maximum(widths, heights) <= _LARGEST_STOP * width
        is_right = (middles[:, 0] >= low[column, 0] + width / 3) & (middles[:, 0] <= high[column, 0] + width / 3)
        gap = low[:, 1] - high[column, 1]
        near = np.flatnonzero(is_small & is_right & (np.abs(gap) <= _FURTHEST_STOP * width)).tolist()
        # What has a stop of its own is none.
        stops = [stop for stop in near if stop not in taken and found[stop] is polygons[stop]]
        if stops and column not in taken:
            taken.update(stops)
            bottom, right = (float(most) for most in corners[[column, *stops]].reshape(-1, 2).max(0)[::-1])
            left, top = (float(least) for least in low[column])
            found[column] = (left, top), (right, top), (right, bottom), (left, bottom)
    return [polygon for place, polygon in found.items() if place not in taken]


def _chained(polygons: Sequence[Polygon]) -> list[Polygon]:
    corners = np.array(polygons, np.float32).reshape(-1, 4, 2)
    low, high = corners.min(1), corners.max(1)
    chains: list[list[int]] = []
    ends = np.empty(len(polygons), np.intp)
    for place in np.argsort(low[:, 1], kind="stable").tolist():
        above = _are_followed(low, high, ends[: len(chains)], place).nonzero()[0].tolist()
        number = above[0] if above else len(chains)
        if above:
            chains[number].append(place)
        else:
            chains.append([place])
        ends[number] = place
    sizes = high - low
    found = []
    for chain in chains:
        if len(chain) > 1 and (sizes[chain, 1] >= _TALL_RATIO * sizes[chain, 0]).any():
            found.append(oriented(cv2.boxPoints(cv2.minAreaRect(corners[chain].reshape(-1, 2)))))
        else:
            found += [polygons[place] for place in chain]
    return found


def _are_followed(
    low: NDArray[np.float32], high: NDArray[np.float32], upper: NDArray[np.intp], lower: int
) -> NDArray[np.bool_]:
    """Below which of some boxes another goes on as a column does."""
    (left, top), (right, bottom) = low[upper].T, high[upper].T
    width = np.maximum(right - left, high[lower, 0] - low[lower, 0])
    shared = np.minimum(right, high[lower, 0]) - np.maximum(left, low[lower, 0])
    gap = low[lower, 1] - bottom
    # Between columns a stop may be that was not found.
    are_tall = np.minimum(bottom - top, high[lower, 1] - low[lower, 1]) >= _TALL_RATIO * width
    most = np.where(are_tall & (shared >= _ALIGNED * width), _MOST_STOP_GAP * width, _MOST_GAP * width)
    return np.asarray((shared >= _LEAST_SHARED * width) & (-_MOST_OVERLAP * width <= gap) & (gap <= most))


def in_a_row(line: Pixels) -> VerticalLine:
    """The characters of a line's crop that runs downwards, turned so that downwards is to the right, H×W×3 BGR."""
    column = np.asarray(cv2.rotate(line, cv2.ROTATE_90_CLOCKWISE), np.uint8)
    height, width = column.shape[:2]
    borders = _with_stop(column, _borders(_ink(column)) * height)
    cells = [column[round(top) : max(round(bottom), round(top) + 1)] for top, bottom in pairwise(borders)]
    side = max(width, *(len(cell) for cell in cells))
    row = np.empty((side, len(cells) * width, 3), np.uint8)
    row[:] = np.median(column.reshape(-1, 3), axis=0)
    for place, cell in enumerate(cells):
        stop = _stop(cell)
        if stop is None:
            top = (side - len(cell)) // 2
            row[top : top + len(cell), place * width : (place + 1) * width] = cell
        else:
            high, wide = stop.shape[:2]
            bottom, left = round((1 - _STOP_MARGIN) * side), place * width + round(_STOP_MARGIN * width)
            row[bottom - high : bottom, left : left + wide] = stop
    return VerticalLine(row, borders / height)


def _stop(cell: Pixels) -> Pixels | None:
    """The mark of an H×W×3 cell if it is a stop, which a column has at the right, and a row at the bottom left."""
    height, width = cell.shape[:2]
    marks = contrast(cell[:, :, 1]) >= CONTRAST
    # At a border may be what is left of a neighbour.
    parts = [
        (top, end)
        for top, end in runs(np.asarray(marks.any(1)))
        if end - top > _LEFT_OVER * width or (top and end < height)
    ]
    if not parts:
        return None
    top, bottom = parts[0][0], parts[-1][1]
    columns = np.flatnonzero(marks[top:bottom].any(0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    if max(bottom - top, right - left) > _LARGEST_IN_CELL * width or left + right < width:
        return None
    edge = max(1, round(_STOP_EDGE * width))
    return cell[max(0, top - edge) : bottom + edge, max(0, left - edge) : right + edge]


def _with_stop(column: Pixels, borders: NDArray[np.float64]) -> NDArray[np.float64]:
    """Borders of characters, in pixels, the last one separated from a full stop close below it."""
    width = column.shape[1]
    top = round(float(borders[-2]))
    marks = contrast(column[:, :, 1])[top:] >= CONTRAST
    rows = np.flatnonzero(marks.any(1))
    gaps = np.flatnonzero(np.diff(rows) > 1)
    if not len(gaps):
        return borders
    end, begin = int(rows[gaps[-1]]) + 1, int(rows[gaps[-1] + 1])
    across = np.flatnonzero(marks[begin:].any(0))
    is_small = max(rows[-1] + 1 - begin, across[-1] + 1 - across[0]) <= _LARGEST_IN_CELL * width
    if not is_small or across[0] < width / 3 or end < _LEAST_ABOVE * width:
        return borders
    return np.concatenate([borders[:-1], [top + (end + begin) / 2], borders[-1:]])


def _ink(column: Pixels) -> NDArray[np.float32]:
    """How much of each row of pixels is ink, of a column scaled to a small width."""
    height, width = column.shape[:2]
    size = _WIDTH, max(2, round(height * _WIDTH / width))
    method = cv2.INTER_AREA if width > _WIDTH else cv2.INTER_LINEAR
    grey = cv2.cvtColor(cv2.resize(column, size, interpolation=method), cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray(np.abs(grey - np.median(grey)).mean(axis=1), np.float32)


def _borders(ink: NDArray[np.float32]) -> NDArray[np.float64]:
    """Borders of characters, as shares of the height."""
    inked = np.flatnonzero(ink > _INK * ink.max())
    if not len(inked):
        return np.array([0.0, 1.0])
    start, end = max(0, int(inked[0]) - 1), min(len(ink), int(inked[-1]) + 2)
    within = np.append(ink[start:end], 0.0) / ink[start:end].mean()
    _, borders = min((_split(within, pitch * _WIDTH) for pitch in _PITCHES), key=lambda found: found[0])
    return (np.array(borders) + start) / len(ink)


def _split(ink: NDArray[np.float32], pitch: float) -> tuple[float, list[int]]:
    """The least cost of a cell on average, and the borders that cost least, by dynamic programming."""
    last = len(ink) - 1
    sizes = np.arange(max(1, round(_SMALLEST * pitch)), round(_LARGEST * pitch) + 1)
    if last <= sizes[-1]:
        return abs(last / pitch - 1), [0, last]
    uneven = _EVENNESS * (sizes / pitch - 1) ** 2
    costs = np.full(last + 1, np.inf)
    costs[0] = 0.0
    before = np.zeros(last + 1, int)
    for border in range(int(sizes[0]), last + 1):
        possible = sizes[sizes <= border]
        candidates = costs[border - possible] + uneven[: len(possible)]
        best = int(candidates.argmin())
        costs[border], before[border] = candidates[best] + ink[border], border - possible[best]
    borders = [last]
    while borders[-1] > 0:
        borders.append(int(before[borders[-1]]))
    return float(costs[last]) / (len(borders) - 1), borders[::-1]
