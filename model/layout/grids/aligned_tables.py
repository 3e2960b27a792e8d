"""Tables without rulings, as in receipts, price lists and schedules: rows with common corridors between their pieces.

A table is a run of rows that follow one another closely, with corridors between their pieces that go through all of
them. Its confidence grows with the number of rows, with how well they fill it, and with how well each of its columns
aligns: to the left, to the right or in the middle.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from edgeocr.model.layout.columns import Box, columns, rows
from edgeocr.model.layout.grids.tables import Field, Floats, Grid

_LEAST_ROWS, _LEAST_SHARE = 3, 0.6
"""Rows with several pieces in a table, at least, and their share of all of its rows."""
_CORRIDOR = 1.1
"""Width of a corridor at least, in heights of a line."""
_MOST_GAP = 2.6
"""Rows of a table are no further apart, from middle to middle, in heights of a line; nor than others by this factor."""
_CROSSED = 0.12
"""Share of a table's rows that may run across a corridor."""
_LEVEL = 0.8
"""Pieces of a column are aligned that differ by no more, in heights of a line."""
_NUMBERS, _TEXTS = 2.5, 8.0
"""The widths, in heights of a line, of a list's numbers at most, and of its texts at least: lists are no tables."""
_FULL = 0.7
"""Share of cells with text from which on a table counts as filled."""
_ROW_DOUBT = 0.6
"""By this factor each row lessens the doubt whether it is a table."""
_LEAST_CONFIDENCE = 0.6

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class AlignedGrid:
    """A table, and the confidence that it is one, 0–1."""

    grid: Grid
    confidence: float


@dataclass(frozen=True, slots=True)
class _Row:
    lines: tuple[int, ...]
    middle: float
    height: float


def aligned_grids(boxes: Floats, taken: frozenset[int]) -> list[AlignedGrid]:
    """Detects the tables without rulings of a page.

    Args:
        boxes: N×4, left, top, right and bottom of its lines in a frame in which they are level.
        taken: lines of other tables.
    """
    free = [line for line in range(len(boxes)) if line not in taken]
    around = [_box(boxes, line) for line in free]
    found = []
    for part in columns(around):
        members = [free[place] for place in part]
        level = [_row(boxes, [members[place] for place in row]) for row in rows([around[place] for place in part])]
        for run in _runs(level, boxes):
            grid = _grid(run, boxes)
            if grid is not None and (confidence := _confidence(grid, run, boxes)) >= _LEAST_CONFIDENCE:
                found.append(AlignedGrid(grid, confidence))
    return found


def _box(boxes: Floats, line: int) -> Box:
    left, top, right, bottom = boxes[line].tolist()
    return Box(left, right, (top + bottom) / 2, max(bottom - top, 1.0))


def _row(boxes: Floats, lines: Sequence[int]) -> _Row:
    ordered = [_box(boxes, line) for line in lines]
    middle = sum(box.middle for box in ordered) / len(ordered)
    return _Row(tuple(lines), middle, median(box.height for box in ordered))


def _gaps(row: _Row, boxes: Floats) -> list[Span]:
    """The corridors between a row's pieces."""
    spans = [(float(boxes[line, 0]), float(boxes[line, 2])) for line in row.lines]
    gaps, end = [], spans[0][1]
    for left, right in spans[1:]:
        if left - end >= _CORRIDOR * row.height:
            gaps.append((end, left))
        end = max(end, right)
    return gaps


def _runs(level: Sequence[_Row], boxes: Floats) -> Iterator[list[_Row]]:
    """Rows that follow one another and have a corridor in common."""
    start = 0
    while start < len(level):
        end = _end(level, start, boxes)
        run = list(level[start:end])
        while run and not _gaps(run[-1], boxes):
            run.pop()
        several = sum(bool(_gaps(row, boxes)) for row in run)
        if several >= _LEAST_ROWS and several >= _LEAST_SHARE * len(run):
            yield run
            start += len(run)
        else:
            start += 1


def _end(level: Sequence[_Row], start: int, boxes: Floats) -> int:
    """The first row that does not go on with the table that begins with a row."""
    corridors = _gaps(level[start], boxes)
    pitches: list[float] = []
    end = start + 1
    while corridors and end < len(level):
        before, row = level[end - 1], level[end]
        pitch = row.middle - before.middle
        height = max(before.height, row.height)
        if pitch > _MOST_GAP * max(height, median(pitches) if pitches else height):
            break
        corridors = _left(corridors, row, boxes)
        pitches.append(pitch)
        end += bool(corridors)
    return end


def _left(corridors: Sequence[Span], row: _Row, boxes: Floats) -> list[Span]:
    """The corridors after a row: of each the widest part that remains, if it is wide enough."""
    left = []
    for corridor in corridors:
        parts = [corridor]
        for line in row.lines:
            begin, end = float(boxes[line, 0]), float(boxes[line, 2])
            parts = (
                [
                    part
                    for first, last in parts
                    for part in ((first, min(last, begin)), (max(first, end), last))
                    if part[1] - part[0] >= _CORRIDOR * row.height
                ]
                if begin < corridor[1] and end > corridor[0]
                else parts
            )
        if parts:
            left.append(max(parts, key=lambda part: part[1] - part[0]))
    return left


def _grid(run: Sequence[_Row], boxes: Floats) -> Grid | None:
    """The grid of a run: columns between corridors that nearly all rows leave free, cells where pieces stand."""
    height = median(row.height for row in run)
    borders = _corridors(run, boxes, height)
    if not borders:
        return None
    lines = [line for row in run for line in row.lines]
    xs = (float(boxes[lines, 0].min()), *((left + right) / 2 for left, right in borders), float(boxes[lines, 2].max()))
    ys = (
        float(boxes[list(run[0].lines), 1].min()),
        *((above.middle + below.middle) / 2 for above, below in pairwise(run)),
        float(boxes[list(run[-1].lines), 3].max()),
    )
    fields = tuple(field for number, row in enumerate(run) for field in _fields(number, row, xs, boxes))
    return None if _is_list(xs, height) else Grid(ys, xs, fields)


def _corridors(run: Sequence[_Row], boxes: Floats, height: float) -> list[Span]:
    """What nearly all rows leave free between the leftmost and the rightmost piece."""
    events: list[tuple[float, int]] = []
    for row in run:
        for line in row.lines:
            events += [(float(boxes[line, 0]), 1), (float(boxes[line, 2]), -1)]
    events.sort()
    most = int(_CROSSED * len(run))
    found: list[Span] = []
    covered, begin = 0, None
    for x, step in events:
        before, covered = covered, covered + step
        if before > most >= covered:
            begin = x
        elif before <= most < covered and begin is not None:
            if x - begin >= _CORRIDOR * height * 0.8:
                found.append((begin, x))
            begin = None
    return found


def _fields(number: int, row: _Row, xs: Sequence[float], boxes: Floats) -> Iterator[Field]:
    """The cells of a row, empty ones included; pieces that reach into several columns make one cell of these."""
    count = len(xs) - 1
    spans: list[tuple[int, int, list[int]]] = []
    for line in row.lines:
        left, right = float(boxes[line, 0]), float(boxes[line, 2])
        shared = [min(right, xs[column + 1]) - max(left, xs[column]) for column in range(count)]
        touched = [column for column in range(count) if shared[column] > 0]
        inside = [column for column in touched if shared[column] > 0.5 * row.height] or touched[:1]
        first, last = inside[0], inside[-1]
        if spans and first <= spans[-1][1]:
            begin, end, members = spans.pop()
            spans.append((begin, max(end, last), [*members, line]))
        else:
            spans.append((first, last, [line]))
    column = 0
    for first, last, members in spans:
        yield from (Field(number, empty, 1, 1) for empty in range(column, first))
        yield Field(number, first, 1, last - first + 1, tuple(members))
        column = last + 1
    yield from (Field(number, empty, 1, 1) for empty in range(column, count))


def _is_list(xs: Sequence[float], height: float) -> bool:
    """Whether two columns are the numbers and the texts of a list."""
    if len(xs) != 3:
        return False
    return xs[1] - xs[0] < _NUMBERS * height and xs[2] - xs[1] > _TEXTS * height


def _confidence(grid: Grid, run: Sequence[_Row], boxes: Floats) -> float:
    height = median(row.height for row in run)
    count = len(grid.xs) - 1
    filled = sum(bool(field.lines) for field in grid.fields) / len(grid.fields)
    shares = []
    for column in range(count):
        cells = [
            (min(boxes[line, 0] for line in field.lines), max(boxes[line, 2] for line in field.lines))
            for field in grid.fields
            if field.column == column and field.column_span == 1 and field.lines
        ]
        if len(cells) > 1:
            edges = ([left for left, _ in cells], [right for _, right in cells], [sum(cell) / 2 for cell in cells])
            shares.append(max(_aligned(places, _LEVEL * height) for places in edges))
    if len(shares) <= 1:
        return 0.0
    several = sum(len(row.lines) > 1 for row in run)
    return float(sum(shares) / len(shares) * min(1.0, filled / _FULL) * (1 - _ROW_DOUBT**several))


def _aligned(places: Sequence[float], slack: float) -> float:
    """The share of places that lie within a range of that width."""
    return max(sum(0 <= other - place <= slack for other in places) for place in places) / len(places)
