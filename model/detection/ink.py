"""Locates a page's strokes at full resolution, to check the lines that the detector found on a reduced copy.

They also show how tall a line is whose polygon comes from a map that is too coarse for it.

Strokes are where neighbouring pixels of a row differ sharply. No network runs, and a page takes milliseconds.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.geometry.polygons import crop, line_size, reading_orientation
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

_SHARP = 32
"""Minimum difference of neighbouring pixels, 0–255, at the side of a stroke."""
_BAND_PIXELS = 2_000_000
"""Pixels of the page that are processed at a time."""
_LONGEST_SAMPLE = 24
"""Maximum length of the examined part of a line, in multiples of its thickness."""
_FAINT_ROW = 0.06
"""Rows of pixels with a smaller share of the fullest row's strokes lie between lines."""
_VALLEY, _RISE = 0.25, 0.2
"""So do rows below the first share, if rows beyond them rise by the second."""
_PEAK_WITHIN = 0.25, 0.75
"""Where the fullest rows are, as shares of the line's thickness."""
_BEYOND = 0.12
"""How far single letters reach above and below the rows of most strokes, as a share of these."""
_LEAST_ASPECT = 2.5
"""Minimum length of a line in multiples of its thickness: strokes of fewer characters, such as a dash, show nothing."""
_WORTHWHILE = 0.9
"""Lines that would keep a larger share of their thickness are unchanged."""

Bands = Callable[[Sequence[Polygon]], NDArray[np.float64]]
"""`bands` of a page's lines."""


def density(page: Pixels, tone: Tone, width: int, height: int) -> NDArray[np.uint8]:
    """The share, 0–255 for 0–1, of strokes' sides in an H×W×3 BGR page, as a map of that width and height."""
    rows, columns = page.shape[:2]
    found = np.zeros((height, width), np.uint8)
    step = max(1, _BAND_PIXELS // max(1, columns) * height // rows)
    for top in range(0, height, step):
        bottom = min(height, top + step)
        part = page[top * rows // height : max(top * rows // height + 1, bottom * rows // height)]
        sides = _shrunken(strokes(green_of(part), tone), min(columns // width, len(part) // (bottom - top)))
        found[top:bottom] = cv2.resize(sides, (width, bottom - top), interpolation=cv2.INTER_AREA)
    return found


def _shrunken(marks: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """A map that is smaller by a whole number, which takes a tenth of the time that others take."""
    height, width = (side // factor for side in marks.shape) if factor > 1 else (0, 0)
    if not height or not width:
        return marks
    whole = marks[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def bands(page: Pixels, tone: Tone, polygons: Sequence[Polygon]) -> NDArray[np.float64]:
    """N×2: the shares of each line's thickness between which the strokes around its middle lie.

    Args:
        page: H×W×3 BGR.
        tone: in which it is seen.
        polygons: of its lines.
    """
    if not polygons:
        return np.empty((0, 2))
    green = green_of(page)
    return np.array([_band(green, tone, reading_orientation(polygon)) for polygon in polygons], float)


def tightened(polygons: Sequence[Polygon], below: float, bands_of: Bands) -> list[Polygon]:
    """The lines of a page; those thinner than `below` pixels get the height of their strokes, by their bands."""
    level = [reading_orientation(polygon) for polygon in polygons]
    sizes = [line_size(polygon) for polygon in level]
    thin = [place for place, (width, height) in enumerate(sizes) if height < below and width >= _LEAST_ASPECT * height]
    found = list(polygons)
    for place, (top, bottom) in zip(thin, bands_of([polygons[place] for place in thin]).tolist(), strict=True):
        beyond = _BEYOND * (bottom - top)
        top, bottom = max(0.0, top - beyond), min(1.0, bottom + beyond)
        if bottom - top < _WORTHWHILE:
            found[place] = _cut(level[place], top, bottom)
    return found


def _cut(polygon: Polygon, top: float, bottom: float) -> Polygon:
    """The part of a line between two shares of its thickness."""
    top_left, top_right, bottom_right, bottom_left = np.array(polygon)
    left, right = bottom_left - top_left, bottom_right - top_right
    corners = top_left + top * left, top_right + top * right, top_right + bottom * right, top_left + bottom * left
    return polygon_of(corners)


def _band(green: NDArray[np.uint8], tone: Tone, polygon: Polygon) -> tuple[float, float]:
    sides = strokes(crop(green, _middle_of(polygon)), tone)
    rows = cv2.reduce(sides, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    first, last = (round(share * len(rows)) for share in _PEAK_WITHIN)
    peak = first + int(rows[first : max(last, first + 1)].argmax())
    if not rows[peak]:
        return 0.0, 1.0
    above, below = _reach(rows[peak::-1]), _reach(rows[peak:])
    return (peak + 1 - above) / len(rows), (peak + below) / len(rows)


def _reach(rows: NDArray[np.float32]) -> int:
    """How many rows from the fullest one outwards belong to its line."""
    faintest = np.minimum.accumulate(rows)
    blank = rows < _FAINT_ROW * rows[0]
    rising = (faintest < _VALLEY * rows[0]) & (rows > faintest + _RISE * rows[0])
    ends = (blank | rising).nonzero()[0]
    if not len(ends):
        return len(rows)
    return int(rows[: ends[0] + 1].argmin())


def _middle_of(polygon: Polygon) -> Polygon:
    """The middle of a line that is very long."""
    width, height = line_size(polygon)
    share = min(1.0, _LONGEST_SAMPLE * height / width)
    corners = np.array(polygon)
    along = (corners[[1, 0, 3, 2]] - corners) * (1 - share) / 2
    return polygon_of(corners + along)


def green_of(pixels: Pixels) -> NDArray[np.uint8]:
    """The green channel of H×W×3 BGR pixels, which is as sharp as grey and needs no sum."""
    return np.asarray(cv2.extractChannel(pixels, 1), np.uint8)


def strokes(green: NDArray[np.uint8], tone: Tone) -> NDArray[np.uint8]:
    """255 where a pixel of H×W ones differs sharply from the next of its row, as at the sides of strokes."""
    if tone.table is not None:
        green = np.asarray(cv2.LUT(green, tone.table), np.uint8)
    change = cv2.absdiff(green[:, 1:], green[:, :-1]) if green.shape[1] > 1 else np.zeros_like(green)
    return np.asarray(cv2.threshold(change, _SHARP, 255, cv2.THRESH_BINARY)[1], np.uint8)
