"""Removes the ink of coloured seals over text, below which neither detector nor recogniser finds the lines.

Seals are coloured and text is dark, so the text remains in the channel in which the seal is brightest. Round and oval
seals are recognised by their rims; a square one could be a frame, unless text and ink mix in it as by chance. A seal
without text below it is left unchanged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.pixels import Pixels, every

_SIDE = 960
"""Longer side in pixels of the copy in which seals are searched."""
_COLOURED, _TINTED = 40, 20
"""Minimum difference of the channels, 0–255, of a coloured pixel, and of one at the edge of coloured ink."""
_LEAST_SIDE = 40
"""Minimum side of a seal, in pixels of that copy."""
_LEAST_ASPECT, _LEAST_SQUARE_ASPECT = 0.5, 0.75
_MOST_SIDE = 0.6
"""Maximum side of a seal, as a share of the page's longer side."""
_GAPS = 7, 15
"""Gaps that text leaves in a seal's rim, in these pixels; the smaller ones do not join what is coloured next to it."""
_UNLIKE = 0.08
"""Maximum relative difference of a rim's area from that of an ellipse or rectangle of its size."""
_LEAST_DRAWN = 0.85
"""Minimum share of a rim that is drawn; text covers some of it."""
_LEAST_INK, _MOST_INK = 0.06, 0.6
"""Share of a seal that its ink covers; pictures cover more."""
_DARK = 0.55
"""Text is darker than this share of the paper's brightness in the seal's brightest channel."""
_LEAST_TEXT, _MOST_TEXT = 0.01, 0.4
"""Share of a seal that is text, if there is any below it."""
_LEAST_MIXED = 0.2
"""Minimum share of the text in a square seal that touches its ink; text in a frame does not touch it."""
_BEYOND = 1.08
"""Factor by which a seal's outline is enlarged to include its blur."""
_BAND_ROWS = 256
"""Rows of a page that are processed at a time."""
_RIM_STEP_DEGREES = 4
_RIM_POINTS, _RIM_DEPTHS = 360, 12
"""Sampled places along a rim, and at each place from outside to inside."""

_Outline = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal over text.

    Attributes:
        outline: N×2 corners around it, in pixels of the page.
        channel: of blue, green and red, the one in which its ink is brightest.
        level: of that ink in this channel, as a share of the paper's.
        paper: the paper's brightness in this channel.
    """

    outline: _Outline
    channel: int
    level: float
    paper: int


def seals(page: Pixels) -> list[Seal]:
    """The seals over text on an H×W×3 BGR page."""
    height, width = page.shape[:2]
    step = -(-max(height, width) // _SIDE)
    least = _LEAST_INK * _LEAST_ASPECT * _LEAST_SIDE**2
    # Most pages have no colour, which a few of their pixels tell.
    if np.count_nonzero(_coloured(every(page, step, step), _COLOURED)) < least / 2:
        return []
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = page if scale == 1.0 else np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    found: list[Seal] = []
    coloured = _coloured(small, _COLOURED)
    for gap in _GAPS:
        for marks in _groups(coloured, gap):
            for seal in _over_text(small, coloured, marks):
                found.append(seal)
                coloured[_filled(seal.outline, small)[1]] = 0
    factors = width / size[0], height / size[1]
    return [Seal(seal.outline * factors, seal.channel, seal.level, seal.paper) for seal in found]


def without_ink(page: Pixels, found: list[Seal]) -> Pixels:
    """An H×W×3 BGR page without the ink of its seals: the same array, changed, if it may be."""
    if not page.flags.writeable:
        page = page.copy()
    for seal in found:
        within, (rows, columns) = _filled(seal.outline, page)
        lighter = np.minimum(np.arange(256) / seal.level, seal.paper).astype(np.uint8)
        for top in range(rows.start, rows.stop, _BAND_ROWS):
            part = page[top : min(top + _BAND_ROWS, rows.stop), columns]
            inked = within[top - rows.start :][: len(part)] * _coloured(part, _TINTED)
            bright = cv2.LUT(np.ascontiguousarray(part[:, :, seal.channel]), lighter)
            cv2.copyTo(cv2.merge([bright] * 3), inked, part)
    return page


def _coloured(pixels: Pixels, least: int) -> NDArray[np.uint8]:
    """1 where the channels of a pixel differ by more than a threshold."""
    blue, green, red = cv2.split(pixels)
    brightest, darkest = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
    return np.asarray(cv2.threshold(cv2.subtract(brightest, darkest), least, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _groups(coloured: NDArray[np.uint8], gap: int) -> Iterator[NDArray[np.int32]]:
    """N×1×2 hulls of groups of coloured pixels, joined across gaps of a size, that may be seals."""
    closed = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap)))
    longest = _MOST_SIDE * max(coloured.shape)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for contour in contours:
        _, _, width, height = cv2.boundingRect(contour)
        if min(width, height) >= _LEAST_SIDE and max(width, height) <= longest:
            yield cv2.convexHull(contour)


def _over_text(page: Pixels, coloured: NDArray[np.uint8], hull: NDArray[np.int32]) -> Iterator[Seal]:
    """The seal with this hull, if there is text below it."""
    round_rim = _ellipse(hull)
    outline = _rectangle(hull) if round_rim is None else round_rim
    if outline is None:
        return
    marked, (rows, columns) = _filled(outline, page)
    part, within = page[rows, columns], marked.astype(bool)
    ink = within & coloured[rows, columns].astype(bool)
    area = np.count_nonzero(within)
    if not _LEAST_INK * area <= np.count_nonzero(ink) <= _MOST_INK * area:
        return
    channel = int(np.median(part[ink], axis=0).argmax())
    brightness = part[:, :, channel]
    paper = int(np.percentile(brightness[within & ~ink], 75))
    text = within & (brightness < _DARK * paper)
    bright_ink = brightness[ink & ~text]
    if not _LEAST_TEXT * area <= np.count_nonzero(text) <= _MOST_TEXT * area or not bright_ink.size:
        return
    around_ink = cv2.dilate((ink & ~text).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if round_rim is None and np.count_nonzero(text & around_ink) < _LEAST_MIXED * np.count_nonzero(text):
        return
    if _drawn(outline - (columns.start, rows.start), ink | text) < _LEAST_DRAWN:
        return
    yield Seal(outline, channel, float(np.median(bright_ink)) / paper, paper)


def _ellipse(hull: NDArray[np.int32]) -> _Outline | None:
    """The ellipse around a hull; None if the hull is not one."""
    if len(hull) < 5:
        return None
    (x, y), (width, height), degrees = cv2.fitEllipse(hull)
    area = np.pi / 4 * width * height
    if min(width, height) < _LEAST_ASPECT * max(width, height) or abs(cv2.contourArea(hull) - area) > _UNLIKE * area:
        return None
    around = np.radians(np.arange(0, 360, _RIM_STEP_DEGREES))
    turn, unit = np.radians(degrees), np.stack([np.cos(around), np.sin(around)]) * _BEYOND / 2
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = (rotation @ (np.array([[width], [height]]) * unit)).T
    return np.asarray(corners + np.array([x + 0.5, y + 0.5]))


def _rectangle(hull: NDArray[np.int32]) -> _Outline | None:
    """The rectangle around a hull; None if the hull is not one, or far from a square."""
    (x, y), (width, height), degrees = cv2.minAreaRect(hull)
    area = width * height
    if min(width, height) < _LEAST_SQUARE_ASPECT * max(width, height) or area - cv2.contourArea(hull) > _UNLIKE * area:
        return None
    return np.asarray(cv2.boxPoints(((x + 0.5, y + 0.5), (_BEYOND * width, _BEYOND * height), degrees)), np.float64)


def _drawn(outline: _Outline, marks: NDArray[np.bool_]) -> float:
    """The share of a rim that is drawn, just within its outline."""
    middle = outline.mean(0)
    sides = np.linspace(outline, np.roll(outline, -1, 0), max(1, _RIM_POINTS // len(outline)), endpoint=False)
    inwards = np.linspace(1.0, 1 - 2 * (1 - 1 / _BEYOND), _RIM_DEPTHS)[:, np.newaxis, np.newaxis, np.newaxis]
    points = np.rint((sides - middle) * inwards + middle).astype(int)
    height, width = marks.shape
    x, y = np.clip(points[..., 0], 0, width - 1), np.clip(points[..., 1], 0, height - 1)
    return float(marks[y, x].any(0).mean())


def _filled(outline: _Outline, page: Pixels) -> tuple[NDArray[np.uint8], tuple[slice, slice]]:
    """A mask that is 1 within an outline, and the part of the page that it covers."""
    height, width = page.shape[:2]
    left, top = np.maximum(outline.min(0), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(outline.max(0)) + 1, (width, height)).astype(int).tolist()
    filled = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(filled, [np.rint(outline - (left, top)).astype(np.int32)], (1,))
    return filled, (slice(top, bottom), slice(left, right))
