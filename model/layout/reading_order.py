"""The reading order of a page's lines, and their rows and paragraphs.

Columns are read one after the other, and the rows within each from top to bottom. Vertical lines, as in vertical
Chinese, are ordered in the same way on the page rotated by 90°, so that the rightmost come first.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from edgeocr.model.layout.columns import Box, columns, rows
from edgeocr.model.results import Polygon

_WIDER_PITCH = 1.35
"""Rows that are further apart than usual, by this factor, belong to two paragraphs."""
_LEAST_PITCH = 1.2
"""The usual distance of rows is taken to be at least this many heights of a line."""
_OTHER_SIZE, _SURE_LENGTH = 1.38, 5.0
"""Rows whose heights differ by this factor are a heading and its text. Short ones, in heights, may by their letters."""
_INDENT = 1.1
"""A paragraph's first row begins further to the right, by this many heights of a line at least."""
_MOST_INDENT = 4.5
_LEAST_COLUMNS = 2
_UPRIGHT_RATIO, _TALL_RATIO = 0.8, 3.0
"""What is so many times higher than wide belongs to the columns of a page, and of one with level lines for the most."""
_FLUSH = 0.4
"""Rows begin at the same edge if they begin no further apart, in heights of a line."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a line: the numbers of its row and its paragraph."""

    row: int = 0
    paragraph: int = 0


@dataclass(frozen=True, slots=True)
class TableArea:
    """An area whose lines are read together, in their own rows, such as a table."""

    box: tuple[float, float, float, float]
    rows: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Row:
    lines: list[int]
    box: Box


def reading_order(
    polygons: Sequence[Polygon], areas: Sequence[TableArea] = (), *, are_vertical: bool = False
) -> list[tuple[int, Position]]:
    """The indices of level polygons in reading order, and the position of each line.

    Args:
        polygons: in reading orientation, in a frame in which the page's text is level.
        wholes: areas, left, top, right and bottom, whose lines are read together.
        are_vertical: whether lines run downwards, and follow one another from right to left.
    """
    if not areas:
        areas = _columns_aside(polygons, _UPRIGHT_RATIO if are_vertical else _TALL_RATIO)
        are_vertical = are_vertical and not areas
    taken = {line for whole in areas for row in whole.rows for line in row}
    is_vertical = not areas and are_vertical
    lines = [line for line in range(len(polygons)) if line not in taken]
    boxes = [_vertical_box(polygons[line]) if is_vertical else _box(polygons[line]) for line in lines]
    members: list[int | TableArea] = list(lines)
    height = median(box.height for box in boxes) if boxes else 1.0
    for whole in areas:
        for box in _stripes(whole, height):
            boxes.append(box)
            members.append(whole)
    found: list[tuple[int, Position]] = []
    count = 0
    for number, paragraph in enumerate(_paragraphs(boxes, members)):
        for row in paragraph:
            found += [(line, Position(count, number)) for line in row]
            count += 1
    return found


def _columns_aside(polygons: Sequence[Polygon], ratio: float) -> list[TableArea]:
    """Lines that many times higher than wide as one area, if there are several, and others that are read by rows."""
    upright = [place for place, polygon in enumerate(polygons) if _is_tall(polygon, ratio)]
    if not _LEAST_COLUMNS <= len(upright) < len(polygons):
        return []
    xs, ys = zip(*(corner for place in upright for corner in polygons[place]), strict=True)
    order = reading_order([polygons[place] for place in upright], are_vertical=True)
    return [TableArea((min(xs), min(ys), max(xs), max(ys)), [[upright[place]] for place, _ in order])]


def _is_tall(polygon: Polygon, ratio: float) -> bool:
    xs, ys = zip(*polygon, strict=True)
    return max(ys) - min(ys) > ratio * (max(xs) - min(xs))


def positions(polygons: Sequence[Polygon]) -> list[Position]:
    """The position of each of some level polygons, the order of which is given."""
    boxes = [_box(polygon) for polygon in polygons]
    steps = sorted(below.middle - above.middle for above, below in pairwise(boxes) if not _share_row(above, below))
    downwards = [step for step in steps if step > 0]
    usual = downwards[len(downwards) // 4] if downwards else 0.0
    found = [Position()] if boxes else []
    for before, box in pairwise(boxes):
        row, paragraph = found[-1].row, found[-1].paragraph
        if _share_row(before, box):
            found.append(Position(row, paragraph))
        else:
            least = max(usual, _LEAST_PITCH * min(before.height, box.height))
            goes_on = 0 < box.middle - before.middle <= _WIDER_PITCH * least
            found.append(Position(row + 1, paragraph if goes_on else paragraph + 1))
    return found


def _share_row(before: Box, box: Box) -> bool:
    """Whether a line continues the row of the one before it."""
    height = min(before.height, box.height)
    return abs(box.middle - before.middle) < 0.5 * height and box.left > before.right - height


def _paragraphs(boxes: Sequence[Box], members: Sequence[int | TableArea]) -> Iterator[list[list[int]]]:
    """Paragraphs of rows of lines, in reading order."""
    done: set[int] = set()
    for part in columns(boxes):
        pending: list[_Row] = []
        for row in rows([boxes[place] for place in part]):
            places = [part[place] for place in row]
            lines: list[int] = []
            areas: list[TableArea] = []
            for place in places:
                member = members[place]
                if isinstance(member, int):
                    lines.append(member)
                elif id(member) not in done:
                    done.add(id(member))
                    areas.append(member)
            if lines:
                pending.append(_Row(lines, _around([boxes[place] for place in places if not boxes[place].is_whole])))
            if areas or (pending and not lines):
                yield from _divided(pending)
                pending = []
            yield from ([list(row) for row in whole.rows] for whole in areas)
        yield from _divided(pending)


def _divided(found: Sequence[_Row]) -> Iterator[list[list[int]]]:
    """The rows of a column, divided into paragraphs."""
    if not found:
        return
    pitches = [below.box.middle - above.box.middle for above, below in pairwise(found)]
    usual = sorted(pitches)[len(pitches) // 4] if pitches else 0.0
    begin = 0
    for place in range(1, len(found)):
        above, here = found[place - 1].box, found[place].box
        below = found[place + 1].box if place + 1 < len(found) else None
        least = max(usual, _LEAST_PITCH * min(above.height, here.height))
        is_far = pitches[place - 1] > _WIDER_PITCH * least
        if is_far or _differ_in_size(above, here) or _is_indented(above, here, below):
            yield [row.lines for row in found[begin:place]]
            begin = place
    yield [row.lines for row in found[begin:]]


def _differ_in_size(above: Box, here: Box) -> bool:
    less, more = sorted((above.height, here.height))
    return more > _OTHER_SIZE * less and min(box.right - box.left for box in (above, here)) > _SURE_LENGTH * more


def _is_indented(above: Box, here: Box, below: Box | None) -> bool:
    """Whether a row is indented relative to those around it."""
    if below is None or abs(above.left - below.left) > _FLUSH * here.height:
        return False
    return _INDENT * here.height <= here.left - below.left <= _MOST_INDENT * here.height


def _box(polygon: Polygon) -> Box:
    """Slanted lines are as high as they are thick."""
    xs, ys = zip(*polygon, strict=True)
    height = max(ys) - min(ys)
    if max(xs) - min(xs) > height:
        top_left, top_right, bottom_right, bottom_left = polygon
        height = min(height, (math.dist(top_left, bottom_left) + math.dist(top_right, bottom_right)) / 2)
    return Box(min(xs), max(xs), sum(ys) / 4, max(height, 1.0))


def _vertical_box(polygon: Polygon) -> Box:
    """A line that runs downwards, as it stands on the page turned back by a quarter."""
    xs, ys = zip(*polygon, strict=True)
    return Box(min(ys), max(ys), -sum(xs) / 4, max(max(xs) - min(xs), 1.0))


def _stripes(whole: TableArea, height: float) -> list[Box]:
    """What stands for an area among lines: full rows of their height."""
    left, top, right, bottom = whole.box
    count = max(3, len(whole.rows))
    step = (bottom - top) / count
    return [
        Box(left, right, top + (place + 0.5) * step, max(min(height, step), 1.0), is_whole=True)
        for place in range(count)
    ]


def _around(boxes: Sequence[Box]) -> Box:
    """The row that boxes make up."""
    return Box(
        min(box.left for box in boxes),
        max(box.right for box in boxes),
        sum(box.middle for box in boxes) / len(boxes),
        median(box.height for box in boxes),
    )
