"""Splits lines that the detector joined across a gutter narrower than a line's height.

Spaces between words are as wide, but at different positions in each line. A position where nearly all lines have a
space is a gutter.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.detection.ink import green_of, strokes
from edgeocr.model.geometry.polygons import crop, line_size
from edgeocr.model.layout.grids.tables import pieces_of
from edgeocr.model.marks import runs
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon

_LEAST_LINES = 6
"""That cross a gutter where it can be told from spaces between words."""
_LONG = 20.0
"""Length of lines that may run across one, in their heights."""
_LEAST_SHARE = 0.8
"""So many of the lines that cross a gutter have a space there; the others may be headings."""
_LEAST_SPACE, _LEAST_SHARED = 0.4, 0.2
"""Width of a space, and of what spaces have in common, in heights of a line."""
_MOST_DEGREES = 1.0
"""Lines that slope more have their spaces at no common place."""


def parted_at_gutters(page: Pixels, tone: Tone, polygons: Sequence[Polygon]) -> list[list[Polygon]]:
    """Splits each level line of an H×W×3 BGR page into its pieces; a line that crosses no gutter is one piece."""
    width = page.shape[1]
    sizes = [line_size(polygon) for polygon in polygons]
    long = [
        place
        for place, (length, height) in enumerate(sizes)
        if length >= _LONG * height
        and abs(polygons[place][1][1] - polygons[place][0][1]) * 57.3 < _MOST_DEGREES * length
    ]
    whole = [[polygon] for polygon in polygons]
    if len(long) < _LEAST_LINES:
        return whole
    crossed, spaced = np.zeros(width + 1, int), np.zeros(width + 1, int)
    spaces = {}
    green = green_of(page)
    for place in long:
        left = max(0, round(polygons[place][0][0]))
        space = _spaces(green, tone, polygons[place], sizes[place][1])[: width - left]
        spaces[place] = left, space
        crossed[left : left + len(space)] += 1
        spaced[left : left + len(space)] += space
    height = float(np.median([sizes[place][1] for place in long]))
    for begin, end in _between(polygons, 2 * height):
        # Where the detector itself saw two lines.
        crossed[begin:end] += 1
        spaced[begin:end] += 1
    is_gutter = (crossed >= _LEAST_LINES) & (spaced >= _LEAST_SHARE * crossed)
    for begin, end in runs(is_gutter):
        if end - begin < _LEAST_SHARED * height:
            continue
        for place, (left, space) in spaces.items():
            own = np.flatnonzero(space[max(0, begin - left) : max(0, end - left)])
            if len(own):
                *before, last = whole[place]
                start, stop = last[0][0], last[1][0]
                cut = max(begin, left) + float(own.mean())
                whole[place] = [*before, *pieces_of(last, [(cut - start) / (stop - start)])]
    return whole


def _between(polygons: Sequence[Polygon], most: float) -> Iterator[tuple[int, int]]:
    """From where to where there is space between two lines of one row that are no further apart."""
    corners = np.array(polygons)
    low, high = corners.min(1), corners.max(1)
    middles = (low[:, 1] + high[:, 1]) / 2
    for place in range(len(polygons)):
        level = np.abs(middles - middles[place]) < (high[place, 1] - low[place, 1]) / 2
        gaps = low[:, 0] - high[place, 0]
        for gap in gaps[level & (np.abs(gaps) <= most)].tolist():
            middle, half = high[place, 0] + gap / 2, max(abs(gap), _LEAST_SPACE * most / 2) / 2
            yield max(0, round(middle - half)), round(middle + half)


def _spaces(green: NDArray[np.uint8], tone: Tone, polygon: Polygon, height: int) -> NDArray[np.bool_]:
    """Where along a line of a page there is space of some width, pixel by pixel."""
    columns = cv2.reduce(strokes(crop(green, polygon), tone), 0, cv2.REDUCE_MAX).ravel()
    space = np.zeros(len(columns), bool)
    for begin, end in runs(columns == 0):
        # What lies at a line's ends is no space in it.
        if end - begin >= _LEAST_SPACE * height and begin > height and end < len(columns) - height:
            space[begin:end] = True
    return space
