"""Columns of text, which are read one after the other rather than row by row.

A page is cut at gutters between two sides of text (compare the recursive XY cut, Nagy and Seth 1984). Lines across a
gutter, such as headings, end the cut. Pieces side by side in rows, such as labels and prices, are not columns: lines of
columns are long and fill them, or are not level with their neighbours.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import median

import numpy as np

_LEAST_ROWS = 3
"""Minimum number of lines in each column."""
_EDGE = 0.6
"""Tolerance of a column's edge, in line heights."""
_RUN_GAP = 1.2
"""Pieces of a row with smaller gaps, in line heights, are one line, such as a list's number and its text."""
_LEAST_FILL, _LEAST_LENGTH = 0.75, 8.0
"""The share of a column's width that its lines fill, and their length, in their heights."""
_NARROW_ROWS, _NARROW_FILL, _NARROW_LENGTH = 6, 0.85, 6.0
"""Lines of a narrower column, at least; the share of its width that they fill, and their length, in their heights."""
_LEAST_UNEVEN_LENGTH = 5.0
"""Minimum length, in line heights, of lines that are not level with those next to them."""
_MOST_LEVEL = 0.5
"""The share of lines that are level with one beside them, in columns that are not filled."""
_LEAST_WITHIN = 0.33
"""The share of lines that stand beside what is not to be torn."""
_LEVEL = 0.25
"""Maximum distance of the middles of level lines, in line heights."""


@dataclass(frozen=True, slots=True)
class Box:
    """The position of a line on a level page, in pixels.

    Attributes:
        left, right: its edges, along the text.
        middle, height: across the text.
        is_whole: whether it is a part of something that must not be divided, such as a table.
    """

    left: float
    right: float
    middle: float
    height: float
    is_whole: bool = False


def rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Groups boxes into rows of level ones, by index: rows from top to bottom, each from left to right."""
    found: list[list[int]] = []
    for place in sorted(range(len(boxes)), key=lambda place: boxes[place].middle):
        box = boxes[place]
        last = boxes[found[-1][-1]] if found else None
        if last is not None and box.middle - last.middle < 0.5 * min(box.height, last.height):
            found[-1].append(place)
        else:
            found.append([place])
    return [sorted(row, key=lambda place: boxes[place].left) for row in found]


def columns(boxes: Sequence[Box]) -> list[list[int]]:
    """Groups boxes, by index, into parts that are read one after the other, each row by row."""
    return list(_parts(boxes, list(range(len(boxes)))))


def _parts(boxes: Sequence[Box], places: list[int]) -> Iterator[list[int]]:
    cut = _best_cut(boxes, places)
    if cut is None:
        yield places
        return
    for part in cut:
        yield from _parts(boxes, part)


def _best_cut(boxes: Sequence[Box], places: list[int]) -> list[list[int]] | None:
    """The parts of the cut with the most lines in columns; None if there is no gutter."""
    best, most = None, 0
    for left, right, crossing in _gutters(boxes, places):
        if len(left) + len(right) > most:
            parts, count = _bands(boxes, left, right, crossing)
            if count > most:
                best, most = parts, count
    return best


def _gutters(boxes: Sequence[Box], places: list[int]) -> Iterator[tuple[list[int], list[int], list[int]]]:
    """Lines on the left, on the right and across, for each gutter that ends where a line begins."""
    if len(places) < 2 * _LEAST_ROWS:
        return
    tolerance = _EDGE * median(boxes[place].height for place in places)
    lefts = np.array([boxes[place].left for place in places])
    rights = np.array([boxes[place].right for place in places])
    # One for all lines that begin at about the same place: where the first of them does, and where most do.
    ordered = np.sort(lefts)
    groups = np.split(ordered, np.flatnonzero(np.diff(ordered) > tolerance) + 1)
    starts = np.unique([start for group in groups for start in (group[0], np.median(group))])
    # A gutter may be narrower than polygons waver, so that lines reach into it from either side.
    is_right = lefts >= starts[:, np.newaxis] - tolerance / 2
    is_left = ~is_right & (rights <= starts[:, np.newaxis] + tolerance / 2)
    numbers = np.array(places)
    for before, after in zip(is_left, is_right, strict=True):
        if before.sum() >= _LEAST_ROWS <= after.sum():
            yield numbers[before].tolist(), numbers[after].tolist(), numbers[~(before | after)].tolist()


def _bands(boxes: Sequence[Box], left: list[int], right: list[int], crossing: list[int]) -> tuple[list[list[int]], int]:
    """What a gutter cuts a page into, from top to bottom, and how many lines lie in columns.

    Lines that cross the gutter end a band; bands without columns stay together with these.
    """
    ends = sorted(boxes[place].middle for place in crossing)
    bands: list[tuple[list[int], list[int], list[int]]] = [([], [], []) for _ in range(2 * len(ends) + 1)]
    for side, members in enumerate((left, right)):
        for place in members:
            bands[2 * bisect_left(ends, boxes[place].middle)][side].append(place)
    for place in crossing:
        bands[2 * bisect_left(ends, boxes[place].middle) + 1][2].append(place)
    parts: list[list[int]] = [[]]
    count = 0
    for before, after, across in bands:
        # Most bands are of few lines.
        if min(len(before), len(after)) >= _LEAST_ROWS and _are_columns(
            [boxes[place] for place in before], [boxes[place] for place in after]
        ):
            parts += [before, after, []]
            count += len(before) + len(after)
        else:
            parts[-1] += before + after + across
    return [part for part in parts if part], count


def _are_columns(left: Sequence[Box], right: Sequence[Box]) -> bool:
    """Whether the two sides of a gutter are read one after the other rather than row by row."""
    if not _beside(left, right):
        return False
    if any(box.is_whole for box in (*left, *right)):
        return _some_within(left, right) and _some_within(right, left)
    lines = _next_to_gutter(_runs(left), at_right=True), _next_to_gutter(_runs(right), at_right=False)
    if min(map(len, lines)) < _LEAST_ROWS:
        return False
    # Of pieces as they are: a row of numbers that are close together is no line.
    lengths = [[(box.right - box.left) / box.height for box in side] for side in (left, right)]
    full = [_is_full(_weighted_median(side), near) for side, near in zip(lengths, lines, strict=True)]
    if all(full):
        return True
    # Text beside a form, or two texts that are ragged, none of which keeps to the other's lines.
    uneven = any(full) or min(map(median, lengths)) >= _LEAST_UNEVEN_LENGTH
    return uneven and _level_share(*lines) < _MOST_LEVEL


def _is_full(length: float, lines: Sequence[Box]) -> bool:
    """Whether lines, of which most are so long in their heights, are long for their column."""
    fill = _fill(lines)
    if length >= _LEAST_LENGTH:
        return fill >= _LEAST_FILL
    return length >= _NARROW_LENGTH and fill >= _NARROW_FILL and len(lines) >= _NARROW_ROWS


def _beside(left: Sequence[Box], right: Sequence[Box]) -> bool:
    """Whether two sides stand for the most part at the same height of the page."""
    (first_top, first_bottom), (second_top, second_bottom) = _extent(left), _extent(right)
    shared = min(first_bottom, second_bottom) - max(first_top, second_top)
    return shared >= 0.5 * min(first_bottom - first_top, second_bottom - second_top)


def _some_within(some: Sequence[Box], others: Sequence[Box]) -> bool:
    """Whether a good part of one side's lines stand beside the other side, rather than above and below it."""
    top, bottom = _extent(others)
    middles = [box.middle for box in some if not box.is_whole]
    return not middles or sum(top <= middle <= bottom for middle in middles) >= _LEAST_WITHIN * len(middles)


def _extent(boxes: Sequence[Box]) -> tuple[float, float]:
    """The middles of the first and the last line."""
    return min(box.middle for box in boxes), max(box.middle for box in boxes)


def _runs(boxes: Sequence[Box]) -> list[Box]:
    """The lines of one side, with pieces joined."""
    found: list[Box] = []
    for row in rows(boxes):
        run = boxes[row[0]]
        for box in (boxes[place] for place in row[1:]):
            if box.left - run.right < _RUN_GAP * run.height:
                run = Box(run.left, max(run.right, box.right), run.middle, run.height, run.is_whole)
            else:
                found.append(run)
                run = box
        found.append(run)
    return found


def _next_to_gutter(runs: Sequence[Box], *, at_right: bool) -> list[Box]:
    """The lines that are next to the gutter."""
    left, right, middle, height = np.array([(run.left, run.right, run.middle, run.height) for run in runs]).T
    level = np.abs(middle - middle[:, np.newaxis]) < 0.5 * np.minimum(height, height[:, np.newaxis])
    beyond = left >= right[:, np.newaxis] if at_right else right <= left[:, np.newaxis]
    return [run for run, is_hidden in zip(runs, (level & beyond).any(1).tolist(), strict=True) if not is_hidden]


def _fill(lines: Sequence[Box]) -> float:
    """The median fraction of the column's width that lines fill."""
    width = max(line.right for line in lines) - median(line.left for line in lines)
    return _weighted_median([line.right - line.left for line in lines]) / max(width, 1.0)


def _weighted_median(values: Sequence[float]) -> float:
    """The weighted median."""
    ordered = sorted(values)
    return ordered[bisect_left(list(accumulate(ordered)), sum(ordered) / 2)]


def _level_share(left: Sequence[Box], right: Sequence[Box]) -> float:
    """The fraction of lines of the shorter side that are level with one of the other side."""
    few, many = sorted((left, right), key=len)
    middles = np.array([box.middle for box in many])
    apart = [np.abs(middles - box.middle).min() / box.height for box in few]
    return float(np.mean(np.array(apart) < _LEVEL))
