"""The layout of a page: its tables, and the reading order, rows and paragraphs of its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from statistics import median

import numpy as np

from edgeocr.model.contrast import AS_IT_IS, Tone
from edgeocr.model.detection.orientation import DetectedLines
from edgeocr.model.geometry.polygons import reading_orientation
from edgeocr.model.geometry.pose import Pose
from edgeocr.model.layout.corridors import parted_at_gutters
from edgeocr.model.layout.grids.aligned_tables import AlignedGrid, aligned_grids
from edgeocr.model.layout.grids.cell_rows import is_of_panes, with_rows_of_text
from edgeocr.model.layout.grids.rulings import rulings
from edgeocr.model.layout.grids.tables import Field, Floats, Grid, cuts, filled, grids, pieces_of
from edgeocr.model.layout.line_ends import with_ends
from edgeocr.model.layout.reading_order import Position, TableArea, reading_order
from edgeocr.model.layout.row_pieces import put_together
from edgeocr.model.layout.tick_boxes import TickBox, with_boxes
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon, ReadText, TableKind
from edgeocr.results.elements import polygon_of

_LEAST_LINES = 3
"""Fewer lines are in no table."""

_Lines = list[tuple[Polygon, ReadText | None]]


@dataclass(frozen=True, slots=True)
class TableOutline:
    """A table whose text has not been read.

    Attributes:
        polygon: the table's outline, in pixels of the page.
        rows, columns: size of its grid.
        cells: its cells, with the indices of their lines.
        polygons: outlines of the cells, in pixels of the page.
        kind: what separates its cells.
        confidence: confidence that it is a table, 0–1.
    """

    polygon: Polygon
    rows: int
    columns: int
    cells: Sequence[Field]
    polygons: Sequence[Polygon]
    kind: TableKind = TableKind.RULED
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class PageLayout:
    """A page's lines in reading order.

    Attributes:
        polygons: polygons of the lines in reading orientation, in pixels of the page.
        positions: row and paragraph of each line.
        known: texts that have been read already, by line index.
        boxes: tick boxes, by line index.
        tables: its tables, with line indices.
    """

    polygons: Sequence[Polygon]
    positions: Sequence[Position]
    known: Mapping[int, ReadText] = field(default_factory=dict)
    boxes: Mapping[int, TickBox] = field(default_factory=dict)
    tables: Sequence[TableOutline] = ()


def analyse_layout(page: Pixels, lying: DetectedLines, tone: Tone | None, *, aligned: bool = False) -> PageLayout:
    """Analyses the layout of an H×W×3 BGR page.

    Args:
        page: the pixels.
        lying: its lines, in any order, and how they lie; one that turns out to be several is read again.
        tone: in which tables are to be looked for; None if they are not.
        aligned: whether tables without rulings are detected too.
    """
    pose = lying.pose
    lines = [(polygon, lying.known.get(place)) for place, polygon in enumerate(lying.polygons)]
    if pose.is_level and not lying.is_vertical:
        pieces = parted_at_gutters(page, tone or AS_IT_IS, [polygon for polygon, _ in lines])
        lines = [
            (piece, read if len(parts) == 1 else None)
            for (_, read), parts in zip(lines, pieces, strict=True)
            for piece in parts
        ]
    if pose.is_nearly_level and not lying.is_vertical:
        whole = put_together([polygon for polygon, _ in lines])
        lines = [(line, lines[places[0]][1] if len(places) == 1 else None) for line, places in whole]
    if pose.is_nearly_level:
        longer = with_ends(page, tone or AS_IT_IS, [line for line, _ in lines])
        lines = [(one, read if one == line else None) for one, (line, read) in zip(longer, lines, strict=True)]
    boxes: dict[Polygon, TickBox] = {}
    if pose.is_nearly_level and not lying.is_vertical:
        boxed = with_boxes(page, tone or AS_IT_IS, [line for line, _ in lines])
        boxes = {line: box for line, _, box in boxed if box is not None}
        lines = [(line, lines[place][1] if line == lines[place][0] else None) for line, place, _ in boxed]
    found: list[Grid] = []
    panes: list[Grid] = []
    if tone is not None and len(lines) >= _LEAST_LINES:
        lines, found, panes = _with_tables(page, lines, pose, tone)
    level = _levelled(lines, pose)
    unruled: list[AlignedGrid] = []
    if aligned and not lying.is_vertical and len(lines) >= _LEAST_LINES:
        taken = frozenset(line for grid in [*found, *panes] for cell in grid.fields for line in cell.lines)
        unruled = aligned_grids(_boxes(level), taken)
    wholes = [*found, *(table.grid for table in unruled)]
    areas = [*(_whole(grid, level) for grid in wholes), *(_one_by_one(grid, level) for grid in panes)]
    order = reading_order(level, areas, are_vertical=lying.is_vertical)
    places = {line: place for place, (line, _) in enumerate(order)}
    return PageLayout(
        [lines[line][0] for line, _ in order],
        [position for _, position in order],
        {places[line]: read for line, (_, read) in enumerate(lines) if read is not None},
        {places[line]: boxes[polygon] for line, (polygon, _) in enumerate(lines) if polygon in boxes},
        [
            *(_outline(grid, pose, page, places) for grid in found),
            *(
                replace(_outline(table.grid, pose, page, places), kind=TableKind.ALIGNED, confidence=table.confidence)
                for table in unruled
            ),
        ],
    )


def _with_tables(page: Pixels, lines: _Lines, pose: Pose, tone: Tone) -> tuple[_Lines, list[Grid], list[Grid]]:
    """The lines, split at the borders of cells, the tables that these fill, and grids of panes with texts in them."""
    strokes = rulings(page, pose, tone)
    if strokes is None:
        return lines, [], []
    boxes = _boxes(_levelled(lines, pose))
    found = list(grids(strokes, median((boxes[:, 3] - boxes[:, 1]).tolist())))
    shares = {cut.line: cut.shares for grid in found if filled(grid, boxes) for cut in cuts(grid, boxes)}
    if shares:
        lines = [
            piece
            for place, line in enumerate(lines)
            for piece in (
                [(reading_orientation(part), None) for part in pieces_of(line[0], shares[place])]
                if place in shares
                else [line]
            )
        ]
        boxes = _boxes(_levelled(lines, pose))
    tables: list[Grid] = []
    panes: list[Grid] = []
    taken: set[int] = set()
    for grid in found:
        table = filled(grid, boxes)
        members = {line for cell in table.fields for line in cell.lines} if table is not None else set()
        # A table within another would have the same lines.
        if table is not None and not members & taken:
            table = with_rows_of_text(table, boxes)
            (panes if is_of_panes(table, boxes) else tables).append(table)
            taken |= members
    return lines, tables, panes


def _levelled(lines: _Lines, pose: Pose) -> list[Polygon]:
    """The lines' polygons in the page's frame."""
    return [pose.levelled(polygon) for polygon, _ in lines]


def _boxes(level: Sequence[Polygon]) -> Floats:
    """N×4: left, top, right and bottom in the page's frame."""
    corners = np.array(level, np.float64)
    return np.concatenate([corners.min(1), corners.max(1)], 1)


def _whole(grid: Grid, level: Sequence[Polygon]) -> TableArea:
    """The table as the arrangement takes it: cells from left to right, and each by its own rows."""
    rows: list[list[int]] = [[] for _ in grid.ys[1:]]
    for cell in grid.fields:
        rows[cell.row] += _ordered(cell, level)
    return TableArea(grid.box, [row for row in rows if row])


def _one_by_one(grid: Grid, level: Sequence[Polygon]) -> TableArea:
    """Panes as the arrangement takes them: each by its own rows, one after the other."""
    rows: list[list[int]] = []
    for pane in grid.fields:
        order = reading_order([level[line] for line in pane.lines])
        rows += [[pane.lines[place] for place, _ in row] for _, row in groupby(order, key=lambda member: member[1].row)]
    return TableArea(grid.box, rows)


def _ordered(cell: Field, level: Sequence[Polygon]) -> list[int]:
    if len(cell.lines) < 2:
        return list(cell.lines)
    return [cell.lines[place] for place, _ in reading_order([level[line] for line in cell.lines])]


def _outline(grid: Grid, pose: Pose, page: Pixels, places: Mapping[int, int]) -> TableOutline:
    height, width = page.shape[:2]
    cells = [replace(cell, lines=tuple(sorted(places[line] for line in cell.lines))) for cell in grid.fields]
    return TableOutline(
        _in_image(grid.box, pose, width, height),
        len(grid.ys) - 1,
        len(grid.xs) - 1,
        cells,
        [_in_image(grid.area(cell), pose, width, height) for cell in cells],
    )


def _in_image(box: tuple[float, float, float, float], pose: Pose, width: int, height: int) -> Polygon:
    left, top, right, bottom = box
    x, y = pose.in_image(np.array([left, right, right, left]), np.array([top, top, bottom, bottom]))
    x, y = np.clip(x, 0, width), np.clip(y, 0, height)
    return polygon_of(zip(x, y, strict=True))
