"""Grids with fewer rulings than the table has rows, and grids that are not tables.

Tables may be ruled between columns only, or between groups of rows: their rows are told by lines that are level from
cell to cell. Where cells hold many lines that are not, as the panes of a window do, each is a text of its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from edgeocr.model.layout.columns import Box, rows
from edgeocr.model.layout.grids.tables import Field, Floats, Grid

_LEAST_CELLS = 3
"""Cells whose lines are level with one another, at least, for their lines to be rows of a table."""
_LEAST_PAIR_ROWS = 5
"""Two cells do where they have so many lines each."""
_FULL = 0.8
"""Such cells have lines in that share of the rows at least."""
_MORE_ROWS = 1.15
"""By this factor there may be more rows than the fullest cell has lines."""
_WRAPPED = 0.7
"""Lines that fill so much of their cell's width go on in the next one, and are no rows."""
_MANY_LINES = 4
"""A cell with so many rows of text is a pane, where most lines are in such cells."""


def with_rows_of_text(grid: Grid, boxes: Floats) -> Grid:
    """The grid with borders between rows of text where cells hold several that are level; boxes are N×4, its lines'."""
    for row in reversed(range(len(grid.ys) - 1)):
        grid = _with_split_row(grid, row, boxes)
    return grid


def is_of_panes(grid: Grid, boxes: Floats) -> bool:
    """Whether a grid's cells hold so many lines that they are texts of their own, and it is no table."""
    counts = [len(_rows(field.lines, boxes)) for field in grid.fields]
    return 2 * sum(count for count in counts if count >= _MANY_LINES) > sum(counts)


def _with_split_row(grid: Grid, row: int, boxes: Floats) -> Grid:
    cells = [field for field in grid.fields if (field.row, field.row_span) == (row, 1)]
    found = _rows([line for cell in cells for line in cell.lines], boxes)
    if len(found) < 2 or not _are_level(grid, cells, len(found), boxes):
        return grid
    middles = [sum(boxes[line, 1] + boxes[line, 3] for line in lines) / 2 / len(lines) for lines in found]
    borders = [float(above + below) / 2 for above, below in pairwise(middles)]
    more, place = len(found) - 1, {line: number for number, lines in enumerate(found) for line in lines}
    fields: list[Field] = []
    for field in grid.fields:
        if field.row > row:
            fields.append(replace(field, row=field.row + more))
        elif field.row + field.row_span <= row:
            fields.append(field)
        elif field.row_span > 1:
            fields.append(replace(field, row_span=field.row_span + more))
        else:
            for number in range(more + 1):
                lines = tuple(line for line in field.lines if place[line] == number)
                fields.append(replace(field, row=row + number, lines=lines))
    fields.sort(key=lambda field: (field.row, field.column))
    return replace(grid, ys=(*grid.ys[: row + 1], *borders, *grid.ys[row + 1 :]), fields=tuple(fields))


def _are_level(grid: Grid, cells: Sequence[Field], count: int, boxes: Floats) -> bool:
    """Whether the lines of cells side by side make up so many rows of a table."""
    counts = [len(_rows(cell.lines, boxes)) for cell in cells]
    if count > _MORE_ROWS * max(counts):
        return False
    full = [cell for cell, own in zip(cells, counts, strict=True) if own >= max(2.0, _FULL * count)]
    if len(full) < (2 if count >= _LEAST_PAIR_ROWS else _LEAST_CELLS):
        return False
    return 2 * sum(_is_wrapped(grid, cell, boxes) for cell in full) <= len(full)


def _is_wrapped(grid: Grid, cell: Field, boxes: Floats) -> bool:
    """Whether most lines of a cell fill its width, as those of a text do that goes on."""
    left, _, right, _ = grid.area(cell)
    lines = _rows(cell.lines, boxes)[:-1]
    widths = [max(boxes[line, 2] for line in row) - min(boxes[line, 0] for line in row) for row in lines]
    return bool(2 * sum(width > _WRAPPED * (right - left) for width in widths) > len(widths))


def _rows(lines: Sequence[int], boxes: Floats) -> list[list[int]]:
    """Lines from top to bottom, those together that are level."""
    found = [
        Box(left, right, (top + bottom) / 2, bottom - top) for left, top, right, bottom in boxes[list(lines)].tolist()
    ]
    return [[lines[place] for place in row] for row in rows(found)]
