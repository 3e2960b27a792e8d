"""Finds lines that are too small for a run on the whole page, by running the detector on parts at a larger scale.

Small text is suspected where strokes belong to no line, or where the strokes of lines are too low for the detector to
separate. A small part of the page shows how large that text is; only the areas that contain it are then processed in
tiles, so the cost grows with the amount of text and not with the size of the page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.detection.detector import Detector, scaled_size
from edgeocr.model.detection.ink import bands, density, tightened
from edgeocr.model.detection.postprocess import BAND_PIXELS
from edgeocr.model.detection.tiles import CLOSE_SCALE, OVERLAP, TILE_SHARE, map_size
from edgeocr.model.geometry.polygons import line_size, reading_orientation
from edgeocr.model.networks.manifest import DetectorSpec
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

_LEGIBLE, _SMALL, _GOOD = 4.7, 6.5, 10.0
"""Heights of a line's strokes in pixels of the network's input: the least at which it is separated from its neighbours,
the one below which it may be missed, and the one to aim for."""
_THIN = 17.0
"""Polygons of lines thinner than this, in pixels of the network's input, are too tall."""
_LEAST_SMALL, _LEAST_SMALL_SHARE = 2, 0.03
"""Minimum number of small lines, and minimum share of all lines, for a closer look."""
_MUCH_CLOSER = 1.25
"""Minimum factor between the scales of the two looks."""
_TEXT_SHARE = 20
"""Density of strokes' sides, 0–255, around text."""
_AROUND = 13, 5
"""Width and height of the neighbourhood in which that is measured, in pixels of the network's input."""
_LEAST_MISSED_SHARE = 0.001
"""Minimum share of the map that missed text takes."""
_LEAST_IN_TILE = 12
"""Minimum pixels of missed text, in the first map, for a tile to be processed."""
_PROBE_PIXELS = 640, 320
"""Width and height of the part that shows how large text is."""
_PROBES = 3
_FAR_SCALE = 0.3
"""Scale at which large text is detected in such a part of a very large page."""
_SMALL_SHARE = 20
"""Percentile of line heights that determines the scale of a closer look."""
_LARGE = 80.0
"""Lines thicker than this in a closer look, in its pixels, are taken from the first look."""
_THINNER = 0.6
"""Lines within another one that are thinner than this share of it replace it."""
_SEEN, _COVERED = 0.25, 0.5
"""Minimum share of a line that other lines cover: in a look at its place, and overall."""
_LOOKED_AT = 0.9

Map = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class FoundLines:
    """A page's lines in no particular order, and whether some of them required a closer look."""

    polygons: list[Polygon]
    is_close: bool = False


def find_lines(detector: Detector, page: Pixels, tone: Tone) -> FoundLines:
    """The lines of an H×W×3 BGR page, as polygons in its pixels, including very small ones."""
    height, width = page.shape[:2]
    size = scaled_size(detector.spec, width, height)
    first = detector.find(page, tone)
    if _may_look_closer(detector.spec, width, height):
        return _CloserLook(detector, page, tone, size).find(first)
    return FoundLines(tightened(first, _THIN * width / size[0], partial(bands, page, tone)))


def run_bytes(spec: DetectorSpec, width: int, height: int) -> float:
    """Maximum memory for finding the lines of a page of that size, in bytes."""
    scaled_width, scaled_height = scaled_size(spec, width, height)
    first = spec.run_bytes_per_pixel * scaled_width * scaled_height
    if not _may_look_closer(spec, width, height):
        return first
    map_width, map_height = map_size(width, height, 1.0, spec.side_multiple)
    map_bytes = map_width * map_height
    tile = spec.run_bytes_per_pixel * min(map_bytes, TILE_SHARE * spec.longest_side**2)
    return max(first, map_bytes + max(tile, 2.0 * min(map_bytes, BAND_PIXELS)))


def _may_look_closer(spec: DetectorSpec, width: int, height: int) -> bool:
    # A network that sees little more than what tiles share has none.
    return max(width, height) * CLOSE_SCALE > spec.longest_side >= 3 * OVERLAP


class _CloserLook:
    """A closer look at one page."""

    def __init__(self, detector: Detector, page: Pixels, tone: Tone, size: tuple[int, int]) -> None:
        self._detector = detector
        self._page = page
        self._tone = tone
        self._size = size
        height, width = page.shape[:2]
        self._factors = np.array([size[0] / width, size[1] / height])
        self._scale = float(self._factors.min())
        self._known_bands: dict[Polygon, NDArray[np.float64]] = {}

    def find(self, first: list[Polygon]) -> FoundLines:
        """The page's lines, given those of the first look."""
        heights = self._heights(first)
        legible = heights * self._scale >= _LEGIBLE
        known = self._filled([line for line, is_legible in zip(first, legible, strict=True) if is_legible])
        missed = self._missed(known)
        if np.count_nonzero(missed) < _LEAST_MISSED_SHARE * missed.size:
            return FoundLines(self._tightened(first, self._scale))
        shown = np.concatenate([heights[~legible], *self._probes(missed, known)])
        small = shown[shown * self._scale < _SMALL]
        if len(small) < max(_LEAST_SMALL, _LEAST_SMALL_SHARE * len(first)):
            return FoundLines(self._tightened(first, self._scale))
        scale = min(1.0, _GOOD / float(np.percentile(small, _SMALL_SHARE)))
        height, width = self._page.shape[:2]
        map_width, map_height = map_size(width, height, scale, self._detector.spec.side_multiple)
        if map_width < _MUCH_CLOSER * self._size[0]:
            return FoundLines(self._tightened(first, self._scale))
        close, looked_at = self._detector.find_in_tiles(
            self._page, self._tone, (map_width, map_height), missed, _LEAST_IN_TILE
        )
        scale = map_width / width
        return FoundLines(self._merged(first, legible, close, looked_at, scale), is_close=True)

    def _heights(self, polygons: list[Polygon]) -> NDArray[np.float64]:
        """The heights of the strokes of lines, in pixels of the page."""
        found = self._bands(polygons)
        thicknesses = _thicknesses(polygons)
        return np.asarray((found[:, 1] - found[:, 0]) * thicknesses)

    def _bands(self, polygons: Sequence[Polygon]) -> NDArray[np.float64]:
        """`bands` of lines; of one that was measured before, as then."""
        fresh = [polygon for polygon in polygons if polygon not in self._known_bands]
        self._known_bands.update(zip(fresh, bands(self._page, self._tone, fresh), strict=True))
        return np.array([self._known_bands[polygon] for polygon in polygons]).reshape(-1, 2)

    def _missed(self, known: Map) -> Map:
        """A mask that is 1 where text has been missed, in pixels of the first look."""
        strokes = cv2.blur(density(self._page, self._tone, *self._size), _AROUND)
        _, missed = cv2.threshold(strokes, _TEXT_SHARE, 1, cv2.THRESH_BINARY)
        return np.asarray(missed * (1 - cv2.dilate(known, np.ones(_AROUND[::-1], np.uint8))), np.uint8)

    def _filled(self, lines: list[Polygon]) -> Map:
        filled = np.zeros(self._size[::-1], np.uint8)
        for line in lines:
            cv2.fillPoly(filled, [self._small(line)], (1,))
        return filled

    def _small(self, line: Polygon) -> NDArray[np.int32]:
        return np.asarray(np.rint(np.array(line) * self._factors), np.int32)

    def _probes(self, missed: Map, known: Map) -> Iterator[NDArray[np.float64]]:
        """The heights of missed lines, from full-resolution looks at the places where most text was missed."""
        left = missed.copy()
        most = np.count_nonzero(missed)
        for _ in range(_PROBES):
            if np.count_nonzero(left) < 0.5 * most:
                break
            heights, area = self._probe(left, known, 1.0)
            if not len(heights) and self._scale < _FAR_SCALE / 2:
                heights, area = self._probe(left, known, _FAR_SCALE)
            left[area] = 0
            yield heights

    def _probe(self, missed: Map, known: Map, scale: float) -> tuple[NDArray[np.float64], tuple[slice, slice]]:
        height, width = self._page.shape[:2]
        wide, high = (min(round(most / scale), side) for most, side in zip(_PROBE_PIXELS, (width, height), strict=True))
        kernel = [max(1, round(side * factor)) for side, factor in zip((wide, high), self._factors, strict=True)]
        counts = cv2.boxFilter(missed, cv2.CV_32F, kernel, normalize=False, borderType=cv2.BORDER_CONSTANT)
        row, column = np.unravel_index(int(counts.argmax()), counts.shape)
        left = min(max(0, round(column / self._factors[0] - wide / 2)), width - wide)
        top = min(max(0, round(row / self._factors[1] - high / 2)), height - high)
        part = self._page[top : top + high, left : left + wide]
        lines = [
            line
            for line in (_moved(line, left, top) for line in self._detector.find_at(part, self._tone, scale))
            if self._share(known, line) < _COVERED
        ]
        first = np.floor(np.array([top, left]) * self._factors[::-1]).astype(int).tolist()
        last = np.ceil(np.array([top + high, left + wide]) * self._factors[::-1]).astype(int).tolist()
        return self._heights(lines), (slice(first[0], last[0]), slice(first[1], last[1]))

    def _merged(
        self, first: list[Polygon], legible: NDArray[np.bool_], close: list[Polygon], looked_at: Map, scale: float
    ) -> list[Polygon]:
        """Lines of the closer look, and those of the first look that it missed or that are too large for it."""
        seen = self._filled(close)
        middles = np.array(close, float).reshape(-1, 4, 2).mean(1)
        thicknesses = _thicknesses(close)
        kept = []
        for line, is_legible, thickness in zip(first, legible.tolist(), _thicknesses(first), strict=True):
            is_looked_at, is_covered = self._share(looked_at, line) >= _LOOKED_AT, self._share(seen, line) >= _SEEN
            thin = middles[thicknesses < _THINNER * thickness]
            if is_looked_at and _inside(thin, line) > 1:
                # What seemed to be one line is several.
                continue
            is_large = thickness * scale > _LARGE
            if not is_looked_at if not is_legible else is_large or not (is_looked_at and is_covered):
                kept.append(line)
        taken = self._filled(kept)
        new = [line for line in close if self._share(taken, line) < _COVERED]
        return self._tightened(kept, self._scale) + self._tightened(new, scale)

    def _tightened(self, lines: list[Polygon], scale: float) -> list[Polygon]:
        return tightened(lines, _THIN / scale, self._bands)

    def _share(self, marks: Map, line: Polygon) -> float:
        """How much of a line is marked."""
        corners = self._small(line)
        height, width = marks.shape
        xs, ys = corners.T.tolist()
        left, right = (min(max(side, 0), width - 1) for side in (min(xs), max(xs)))
        top, bottom = (min(max(side, 0), height - 1) for side in (min(ys), max(ys)))
        inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
        cv2.fillPoly(inside, [corners - np.array([left, top], np.int32)], (1,))
        return float(cv2.mean(marks[top : bottom + 1, left : right + 1], inside)[0])


def _thicknesses(lines: Sequence[Polygon]) -> NDArray[np.float64]:
    return np.array([line_size(reading_orientation(line))[1] for line in lines], float)


def _inside(points: NDArray[np.float64], line: Polygon) -> int:
    """How many points lie within a line."""
    corners = np.array(line, np.float32)
    low, high = corners.min(0), corners.max(0)
    near = points[((points >= low) & (points <= high)).all(1)]
    return sum(cv2.pointPolygonTest(corners, (float(x), float(y)), measureDist=False) > 0 for x, y in near)


def _moved(line: Polygon, left: int, top: int) -> Polygon:
    return polygon_of((x + left, y + top) for x, y in line)
