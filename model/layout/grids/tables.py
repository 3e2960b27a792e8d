"""Ruled tables: the cells that rulings form, and the lines of text in each cell.

Strokes that meet make up a grid; neighbouring fields of it with no stroke between them are one cell. What has no text
in its cells, as the panes of a window, is no table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.layout.grids.rulings import Rulings, clusters
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

_THIN = 0.6
"""Rulings closer together than this, in heights of a line, are one: a double stroke, say."""
_DRAWN = 0.6
"""A border is there if strokes cover this share of it."""
_LEAST_SIDE = 2
"""Rows, and columns, that a table has at least."""
_LEAST_FILLED, _LEAST_FILLED_SHARE = 3, 0.4
"""Cells with text in a table, at least, and as a share; of very few, all but one."""
_LEAST_STROKE = 2.2
"""Length of a stroke, in heights of a line; shorter ones may belong to letters or pictures."""
_LEAST_DRAWN, _LEAST_DRAWN_MORE = 0.3, 0.7
"""How much of a grid is drawn at least: of the borders of either kind, and of one of them."""
_LEAST_PIECE = 0.9
"""A line that runs over a border is split there if this much of it is on either side, in heights of a line."""
_MOST_SPLIT = 0.5
"""Where more lines run over borders, these were not drawn for them."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Field:
    """A cell of a grid, and the indices of its lines."""

    row: int
    column: int
    row_span: int
    column_span: int
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in the frame of a page's text.

    Attributes:
        ys, xs: of the borders between its rows and columns, the outer ones included, in order.
        fields: its cells, row by row.
        open_sides: of the left, top, right and bottom, those where nothing is drawn.
    """

    ys: tuple[float, ...]
    xs: tuple[float, ...]
    fields: tuple[Field, ...]
    open_sides: tuple[bool, ...] = (False, False, False, False)

    def area(self, field: Field) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of a cell."""
        right, bottom = self.xs[field.column + field.column_span], self.ys[field.row + field.row_span]
        return self.xs[field.column], self.ys[field.row], right, bottom

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of all."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]


@dataclass(frozen=True, slots=True)
class Cut:
    """A line that runs over borders, and where it is split, as shares of its length."""

    line: int
    shares: tuple[float, ...]


def grids(found: Rulings, height: float) -> Iterator[Grid]:
    """The grids that strokes form on a page with this line height, without text lines."""
    found = replace(found, along=_long(found.along, height), upright=_long(found.upright, height))
    meets = _meetings(found)
    rows_left = set(range(len(found.along)))
    while rows_left:
        rows, columns = _connected(meets, rows_left.pop())
        rows_left -= set(rows)
        if len(rows) < _LEAST_SIDE or not columns:
            continue
        grid = _grid(found.along[rows], found.upright[columns], max(found.tolerance, _THIN * height))
        if grid is not None:
            yield grid


def _long(strokes: Floats, height: float) -> Floats:
    return strokes[strokes[:, 2] - strokes[:, 1] >= _LEAST_STROKE * height]


def _meetings(found: Rulings) -> NDArray[np.bool_]:
    """Which strokes along the text meet which upright ones."""
    y, left, right = (column[:, np.newaxis] for column in found.along.T)
    x, top, bottom = found.upright.T
    slack = 1.5 * found.tolerance
    across = (left - slack <= x) & (x <= right + slack)
    return np.asarray(across & (top - slack <= y) & (y <= bottom + slack))


def _connected(meets: NDArray[np.bool_], row: int) -> tuple[list[int], list[int]]:
    """The strokes of both kinds that hang together with one."""
    rows = np.zeros(meets.shape[0], bool)
    rows[row] = True
    count = 0
    while rows.sum() > count:
        count = int(rows.sum())
        columns = meets[rows].any(0)
        rows |= meets[:, columns].any(1)
    return np.flatnonzero(rows).tolist(), np.flatnonzero(meets[rows].any(0)).tolist()


def _grid(along: Floats, upright: Floats, tolerance: float) -> Grid | None:
    """The grid of connected strokes; None if it is too small for a table."""
    # Where the strokes of one kind end, there is a border, drawn or not.
    ys = clusters([*along[:, 0], upright[:, 1].min(), upright[:, 2].max()], tolerance)
    xs = clusters([*upright[:, 0], along[:, 1].min(), along[:, 2].max()], tolerance)
    if min(len(ys), len(xs)) <= _LEAST_SIDE:
        return None
    level, upright_ones = _drawn(along, ys, xs, tolerance), _drawn(upright, xs, ys, tolerance)
    shares = sorted((level.mean(), upright_ones.mean()))
    if shares[0] < _LEAST_DRAWN or shares[1] < _LEAST_DRAWN_MORE:
        return None
    fields = tuple(_fields(level[1:-1], upright_ones[1:-1].T))
    if len(fields) <= _LEAST_SIDE:
        return None
    sides = (upright_ones[0], level[0], upright_ones[-1], level[-1])
    open_sides = tuple(bool(side.mean() < 0.5) for side in sides)
    return Grid(tuple(ys), tuple(xs), fields, open_sides)


def _drawn(strokes: Floats, places: Sequence[float], ends: Sequence[float], tolerance: float) -> NDArray[np.bool_]:
    """Which borders are drawn: those at some places × the stretches between the ends."""
    begins, ends_of = np.array(ends[:-1]), np.array(ends[1:])
    first, last = strokes[:, 1:2], strokes[:, 2:3]
    covered = np.clip(last, begins, ends_of) - np.clip(first, begins, ends_of)
    are_near = np.abs(strokes[:, 0] - np.array(places)[:, np.newaxis]) <= tolerance
    return np.asarray(are_near.astype(np.float64) @ covered >= _DRAWN * (ends_of - begins))


def _fields(below: NDArray[np.bool_], beside: NDArray[np.bool_]) -> Iterator[Field]:
    """The cells: fields with no border between them, made rectangles. Borders are below and to the right of fields."""
    row_count, column_count = below.shape[0] + 1, beside.shape[1] + 1
    taken = np.zeros((row_count, column_count), bool)
    for row in range(row_count):
        for column in range(column_count):
            if taken[row, column]:
                continue
            right, bottom = column + 1, row + 1
            grown = True
            while grown:
                grown = False
                while right < column_count and not (
                    beside[row:bottom, right - 1].all() or taken[row:bottom, right].any()
                ):
                    right, grown = right + 1, True
                while bottom < row_count and not (
                    below[bottom - 1, column:right].all() or taken[bottom, column:right].any()
                ):
                    bottom, grown = bottom + 1, True
            taken[row:bottom, column:right] = True
            yield Field(row, column, bottom - row, right - column)


def cuts(grid: Grid, boxes: Floats) -> list[Cut]:
    """Lines that the detector took for one, though they stand in several cells; boxes are N×4, as of `Grid.box`."""
    found: list[Cut] = []
    inside = _inside(grid, boxes)
    for line in inside.tolist():
        left, top, right, bottom = boxes[line].tolist()
        middle, least = (top + bottom) / 2, _LEAST_PIECE * (bottom - top)
        row = int(np.searchsorted(grid.ys, middle)) - 1
        borders = {grid.xs[field.column] for field in grid.fields if field.row <= row < field.row + field.row_span}
        shares = [(x - left) / (right - left) for x in sorted(borders) if left + least < x < right - least]
        if shares:
            found.append(Cut(line, tuple(shares)))
    return found if len(found) <= _MOST_SPLIT * len(inside) else []


def filled(grid: Grid, boxes: Floats) -> Grid | None:
    """The grid with text lines in its cells; None if it has too little text to be a table."""
    if len(grid.fields) <= _LEAST_SIDE:
        return None
    inside: dict[int, list[int]] = {}
    areas = np.array([grid.area(field) for field in grid.fields])
    for line in _inside(grid, boxes).tolist():
        x, y = (boxes[line, 0] + boxes[line, 2]) / 2, (boxes[line, 1] + boxes[line, 3]) / 2
        holds = (areas[:, 0] <= x) & (x < areas[:, 2]) & (areas[:, 1] <= y) & (y < areas[:, 3])
        if holds.any():
            inside.setdefault(int(np.argmax(holds)), []).append(line)
    fields = [replace(field, lines=tuple(inside.get(place, ()))) for place, field in enumerate(grid.fields)]
    whole = replace(grid, fields=tuple(fields))
    trimmed = _without_open_columns(whole)
    if trimmed != whole:
        return filled(trimmed, boxes)
    least = max(min(_LEAST_FILLED, len(areas) - 1), _LEAST_FILLED_SHARE * len(areas))
    return whole if len(inside) >= least else None


def _without_open_columns(grid: Grid) -> Grid:
    """Removes open, empty outer columns, which come from strokes that extend beyond the table."""
    count = len(grid.xs) - 1
    first, last = (all(not field.lines for field in grid.fields if _stands_in(field, at)) for at in (0, count - 1))
    left = int(grid.open_sides[0] and first and count > 1)
    right = int(grid.open_sides[2] and last and count - left > 1)
    if not left and not right:
        return grid
    fields = []
    for field in grid.fields:
        begin = max(field.column - left, 0)
        end = min(field.column + field.column_span - left, count - left - right)
        if end > begin:
            fields.append(replace(field, column=begin, column_span=end - begin))
    sides = (grid.open_sides[0] and not left, grid.open_sides[1], grid.open_sides[2] and not right, grid.open_sides[3])
    return replace(grid, xs=grid.xs[left : count + 1 - right], fields=tuple(fields), open_sides=sides)


def _stands_in(field: Field, column: int) -> bool:
    return field.column <= column < field.column + field.column_span


def _inside(grid: Grid, boxes: Floats) -> NDArray[np.int64]:
    """The lines that are mostly within a grid."""
    if not len(boxes):
        return np.zeros(0, np.int64)
    left, top, right, bottom = grid.box
    wide = np.minimum(boxes[:, 2], right) - np.maximum(boxes[:, 0], left)
    high = np.minimum(boxes[:, 3], bottom) - np.maximum(boxes[:, 1], top)
    most = (wide > 0.5 * (boxes[:, 2] - boxes[:, 0])) & (high > 0.5 * (boxes[:, 3] - boxes[:, 1]))
    return np.flatnonzero(most)


def pieces_of(polygon: Polygon, shares: Sequence[float]) -> list[Polygon]:
    """The pieces of a line that is cut at fractions of its length."""
    top_left, top_right, bottom_right, bottom_left = np.array(polygon)
    top, bottom = top_right - top_left, bottom_right - bottom_left
    return [
        polygon_of(
            (top_left + begin * top, top_left + end * top, bottom_left + end * bottom, bottom_left + begin * bottom)
        )
        for begin, end in pairwise([0.0, *shares, 1.0])
    ]
