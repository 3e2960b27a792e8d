"""The rows of text in an image that was sent as one line: it may have margins, and now and then it holds more lines.

The recogniser reads lines that fill their image, as those do that are cut out of pages. What text is taken for stands
out from the image's border, so that an image whose border is no plain ground, as of a photograph, stays as it is.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.detection.detail import find_lines
from edgeocr.model.detection.detector import Detector
from edgeocr.model.geometry.margins import with_margins
from edgeocr.model.geometry.polygons import laid_out
from edgeocr.model.geometry.pose import LEVEL
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon

_FULL = 0.7
"""Share of its height, and more, that text takes of an image which needs no cutting."""
_LEAST_ROW = 0.3
"""What is lower than the highest row, by more than this factor, is a part of a letter or an underline."""
_BEYOND = 0.06
"""What is left around the text on each side, as a share of its height."""
_STANDING_OUT = 0.25
"""By how much text differs from the ground, as a share of the contrast."""
_STRAY_SHARE = 0.02
"""So much of the image may differ more than its text does."""
_LEAST_CONTRAST = 32
"""Brightness, 0–255, that text and ground are apart at least."""
_SAMPLE_PIXELS = 1_000_000
"""A larger image is looked at shrunken to that."""
_MARKS_CONTRAST = 0.5
"""By how much dots and dashes differ from the ground, likewise."""
_LEAST_SOLID, _LEAST_FLAT = 0.75, 0.8
"""Share of its own rectangle that a dot or a dash fills at least, and its width by its height."""
_SHARED = 0.5
"""Pieces that share as much of the lower one's height stand in one row."""

_Span = tuple[int, int]


def text_rows(detector: Detector, image: Pixels) -> list[Polygon]:
    """What to cut out of an H×W×3 BGR image for each of its rows of text, from top to bottom, in its pixels.

    An image that its text fills, or in which text does not stand out, is cut as a whole, and so is one of dots and
    dashes alone, which their place in a line tells from other characters. The detector runs only
    where blank rows of pixels part what there is.
    """
    height, width = image.shape[:2]
    whole: Polygon = ((0.0, 0.0), (float(width), 0.0), (float(width), float(height)), (0.0, float(height)))
    scale = min(1.0, math.sqrt(_SAMPLE_PIXELS / (width * height)))
    sharp, blurred, contrast = _differences(image, scale)
    if contrast < _LEAST_CONTRAST:
        return [whole]
    inked = (blurred >= _STANDING_OUT * contrast).astype(np.uint8)
    bands = _spans(inked.max(1))
    (top, _), (_, bottom) = bands[0], bands[-1]
    heights = sorted((last - first for first, last in bands), reverse=True)
    is_parted = len(bands) > 1 and heights[1] >= _LEAST_ROW * heights[0]
    is_full = bottom - top >= _FULL * len(inked)
    if (is_full and not is_parted) or _are_dots_or_dashes((sharp >= _MARKS_CONTRAST * contrast).astype(np.uint8)):
        return [whole]
    if is_parted:
        rows = _rows(laid_out(find_lines(detector, image, AS_IT_IS).polygons, LEVEL))
        if len(rows) > 1:
            return with_margins([_around(row) for row in rows], LEVEL)
    if is_full:
        return [whole]
    sides = _spans(inked.max(0))
    beyond = _BEYOND * (bottom - top)
    left, right = ((edge + side * beyond) / scale for edge, side in ((sides[0][0], -1), (sides[-1][1], 1)))
    left, right = max(0.0, left), min(float(width), right)
    upper, lower = max(0.0, (top - beyond) / scale), min(float(height), (bottom + beyond) / scale)
    return [((left, upper), (right, upper), (right, lower), (left, lower))]


def _differences(image: Pixels, scale: float) -> tuple[NDArray[np.uint8], NDArray[np.uint8], float]:
    """How far pixels of the image, shrunken by that scale, are from the border's brightness; without grain; and how far
    text is.
    """
    if scale < 1.0:
        image = np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    sharp = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    # Grain is no text.
    grey = np.asarray(cv2.blur(sharp, (3, 3)), np.uint8)
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = np.full_like(grey, round(float(np.median(border))))
    blurred = np.asarray(cv2.absdiff(grey, ground), np.uint8)
    contrast = float(np.percentile(blurred, 100 * (1 - _STRAY_SHARE)))
    return np.asarray(cv2.absdiff(sharp, ground), np.uint8), blurred, contrast


def _are_dots_or_dashes(marks: NDArray[np.uint8]) -> bool:
    """Whether all marks are solid and not higher than wide, as no letter is."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(marks)
    width, height, area = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT], stats[1:, cv2.CC_STAT_AREA]
    return bool(np.all((area >= _LEAST_SOLID * width * height) & (width >= _LEAST_FLAT * height)))


def _spans(marked: NDArray[np.uint8]) -> list[_Span]:
    """Where a row of zeros and ones is 1: from which place to before which."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked, [0])).astype(np.int8))).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _rows(polygons: Sequence[Polygon]) -> list[list[Polygon]]:
    """Pieces that stand beside each other, from top to bottom."""
    heights = np.array(polygons, np.float64).reshape(-1, 4, 2)[:, :, 1]
    tops, bottoms = heights.min(1), heights.max(1)
    row_of = np.empty(len(polygons), int)
    rows: list[list[Polygon]] = []
    for place, polygon in enumerate(polygons):
        top, bottom, upper, lower = tops[place], bottoms[place], tops[:place], bottoms[:place]
        shared = np.minimum(bottom, lower) - np.maximum(top, upper)
        beside = shared >= _SHARED * np.minimum(bottom - top, lower - upper)
        row_of[place] = row_of[:place][beside].min(initial=len(rows))
        if row_of[place] == len(rows):
            rows.append([])
        rows[row_of[place]].append(polygon)
    return rows


def _around(row: Sequence[Polygon]) -> Polygon:
    if len(row) == 1:
        return row[0]
    xs, ys = zip(*(corner for polygon in row for corner in polygon), strict=True)
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return (left, top), (right, top), (right, bottom), (left, bottom)
