"""What stands at the ends of lines and was not taken for text: a dash, a lone thin character, a bullet.

The detector knows text by its texture, which a single stroke does not have. What is in line with text, as low as it and
no further off than words are, belongs to it; rules and frames go on beyond that.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.marks import CONTRAST, contrast, runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

_REACH_BEFORE, _REACH_BEHIND = 3.0, 1.1
"""How far before a line's beginning, where bullets and dashes are, and behind its end is looked, in its heights."""
_MOST_GAP = 0.8
"""From a line to what belongs to it, likewise."""
_AROUND = 0.3
"""Above and below a line there is nothing of it, likewise."""
_LEAST_SIZE, _LEAST_SIZE_IN_COLUMNS = 0.2, 0.15
"""The longer side of a mark, likewise; less is dust."""
_LEAST_REACH, _LEAST_REACH_IN_COLUMNS = 0.25, 0.1
"""Less is the line's own last character, which its margin takes in; of a column it is a stop, which is cut."""
_MOST_UNEVEN, _MOST_UNEVEN_SHARE = 10, 0.01
"""Even paper differs from its own brightness by no more, but for that share of it; photographs are not even, and marks
are not looked for there."""
_LEAST_HEIGHT = 18.0
"""Lines of fewer pixels are too coarse to tell marks from dust."""
_MOST_DEGREES = 1.5
_TALL_RATIO = 3.0
_LEFT, _RIGHT = -1, 1


def with_ends(page: Pixels, tone: Tone, polygons: Sequence[Polygon]) -> list[Polygon]:
    """The level lines and the columns of an H×W×3 BGR page, longer by the marks that stand at their ends."""
    level = _with_ends(page, tone, polygons)
    # The same page with its columns for rows.
    tall = [place for place, polygon in enumerate(level) if _is_column(polygon)]
    if tall:
        swapped = _with_ends(page.swapaxes(0, 1), tone, [_swapped(polygon) for polygon in level], are_columns=True)
        for place in tall:
            if swapped[place] != _swapped(level[place]):
                (top, left), _, (bottom, right), _ = swapped[place]
                corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
                start = min(range(4), key=lambda corner: math.dist(corners[corner], level[place][0]))
                level[place] = polygon_of(corners[start:] + corners[:start])
    return level


def _is_column(polygon: Polygon) -> bool:
    xs, ys = zip(*polygon, strict=True)
    return max(ys) - min(ys) >= _TALL_RATIO * (max(xs) - min(xs))


def _swapped(polygon: Polygon) -> Polygon:
    """The box of a polygon with across and down swapped."""
    xs, ys = zip(*polygon, strict=True)
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return (top, left), (bottom, left), (bottom, right), (top, right)


def _with_ends(page: Pixels, tone: Tone, polygons: Sequence[Polygon], *, are_columns: bool = False) -> list[Polygon]:
    if not polygons:
        return []
    corners = np.array(polygons, np.float64)
    low, high = corners.min(1), corners.max(1)
    found = list(polygons)
    # A mark between two lines leads the second one, as a bullet does.
    for side in (_LEFT, _RIGHT):
        for place, (top_left, top_right, bottom_right, bottom_left) in enumerate(found):
            width, height = top_right[0] - top_left[0], bottom_left[1] - top_left[1]
            if (
                height < _LEAST_HEIGHT
                or width < height
                or abs(top_right[1] - top_left[1]) * 57.3 > _MOST_DEGREES * width
            ):
                continue
            middle = (low[place, 1] + high[place, 1]) / 2
            beside = (low[:, 1] < middle + height / 2) & (high[:, 1] > middle - height / 2)
            slope = (top_right[1] - top_left[1]) / width
            if side == _LEFT:
                before = high[beside & (low[:, 0] < low[place, 0]), 0].max(initial=0.0)
                upper, lower = top_left, bottom_left
                most = min(_REACH_BEFORE * height, low[place, 0] - before)
            else:
                after = low[beside & (high[:, 0] > high[place, 0]), 0].min(initial=float(page.shape[1]))
                upper, lower = top_right, bottom_right
                most = min(_REACH_BEHIND * height, after - high[place, 0])
            reach = side * _reach(page, tone, upper, lower, most, side, are_columns=are_columns)
            if reach:
                upper, lower = ((x + reach, y + reach * slope) for x, y in (upper, lower))
                if side == _LEFT:
                    found[place] = upper, top_right, bottom_right, lower
                else:
                    found[place] = top_left, upper, lower, bottom_left
                low[place, 0] = min(low[place, 0], upper[0], lower[0])
                high[place, 0] = max(high[place, 0], upper[0], lower[0])
    return found


def _reach(
    page: Pixels,
    tone: Tone,
    upper: tuple[float, float],
    lower: tuple[float, float],
    most: float,
    towards: int,
    *,
    are_columns: bool,
) -> float:
    """By how many pixels a line goes on at one of its ends, to the left or to the right."""
    height = lower[1] - upper[1]
    end = round(upper[0])
    far = max(0, min(page.shape[1], round(end + towards * most)))
    around = round(_AROUND * height)
    top, bottom = max(0, round(upper[1]) - around), min(page.shape[0], round(lower[1]) + around)
    if abs(far - end) < _LEAST_SIZE * height or bottom <= top:
        return 0.0
    strip = page[top:bottom, min(end, far) : max(end, far), 1]
    if tone.table is not None:
        strip = tone.table[strip]
    if int(strip.max()) - int(strip.min()) < CONTRAST:
        return 0.0
    apart = contrast(strip)
    marks = apart >= CONTRAST
    blank = apart[:, ~cv2.dilate(marks.any(0).astype(np.uint8), np.ones((7, 1), np.uint8)).ravel().astype(bool)]
    if blank.size and np.count_nonzero(blank > _MOST_UNEVEN) > _MOST_UNEVEN_SHARE * blank.size:
        return 0.0
    if towards < 0:
        marks = marks[:, ::-1]
    return _chain(marks, height, are_columns=are_columns)


def _chain(marks: NDArray[np.bool_], height: float, *, are_columns: bool) -> float:
    """How far marks follow one another from the first column on, H×W, as text does; 0 if they are no text."""
    inked = np.asarray(marks.any(0))
    reach: float = 0
    for begin, stop in runs(inked):
        if begin - reach > _MOST_GAP * height:
            break
        rows = np.flatnonzero(marks[:, begin:stop].any(1))
        is_taller = rows[0] == 0 or rows[-1] == len(marks) - 1
        if stop == len(inked) or is_taller:
            return 0.0
        least = _LEAST_SIZE_IN_COLUMNS if are_columns else _LEAST_SIZE
        if max(stop - begin, rows[-1] + 1 - rows[0]) < least * height:
            break
        reach = stop
    least = _LEAST_REACH_IN_COLUMNS if are_columns else _LEAST_REACH
    return float(reach) if reach >= least * height else 0.0
