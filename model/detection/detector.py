"""The text detector: a page in, the polygons of its text lines out.

A DB network (Liao et al. 2020, arXiv 1911.08947) gives each pixel a probability of being text;
`postprocess` converts these to polygons.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import AS_IT_IS, Tone
from edgeocr.model.detection import postprocess
from edgeocr.model.detection.tiles import TILE_SHARE, Tile, tiles
from edgeocr.model.geometry.polygons import scaled
from edgeocr.model.networks.manifest import DetectorSpec
from edgeocr.model.networks.session import Buffer, Network
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

_MARGIN = 0.05
"""Margin around the detected lines, as a share of their extent."""
_STEEP_DEGREES = 15.0
"""If lines are rotated by more, too many were missed to know the extent of the text."""
_MOST_CLOSER = 1.25
"""Maximum factor between the scales of the second and the first run, if text takes only a part of the page."""


class Detector:
    """Finds lines with a shared network and buffers of its own: one for each worker."""

    def __init__(self, network: Network[np.uint8], spec: DetectorSpec) -> None:
        self._network = network
        self.spec = spec
        self._pixels = Buffer(np.uint8)
        self._probabilities = Buffer(np.uint8)

    def find(self, page: Pixels, tone: Tone = AS_IT_IS) -> list[Polygon]:
        """The lines of an H×W×3 BGR page, as polygons in its pixels, in no particular order."""
        height, width = page.shape[:2]
        return self._found(self._probabilities_of(page, scaled_size(self.spec, width, height), tone), width, height)

    def find_at(self, page: Pixels, tone: Tone, scale: float) -> list[Polygon]:
        """As `find`, at that scale of the page, which must be small enough for one run."""
        height, width = page.shape[:2]
        multiple = self.spec.side_multiple
        size = _rounded(width * scale, multiple), _rounded(height * scale, multiple)
        return self._found(self._probabilities_of(page, size, tone), width, height)

    def find_in_tiles(
        self, page: Pixels, tone: Tone, size: tuple[int, int], wanted: NDArray[np.uint8], least: int
    ) -> tuple[list[Polygon], NDArray[np.uint8]]:
        """As `find`, with the page processed in tiles.

        Args:
            page: H×W×3 BGR.
            tone: in which it is seen.
            size: width and height of all tiles together, multiples of what the network takes.
            wanted: 1 where something is to be found, a map of the page at any size.
            least: how many of these make a tile worth a run.

        Returns:
            The lines, and a map as `wanted`, 1 where tiles were looked at.
        """
        map_width, map_height = size
        height, width = page.shape[:2]
        probabilities = np.zeros((map_height, map_width), np.uint8)
        looked_at = np.zeros_like(wanted)
        for tile in tiles(
            map_width, map_height, round(TILE_SHARE * self.spec.longest_side**2), self.spec.side_multiple
        ):
            area = _area(tile, size, wanted.shape, whole=False)
            if np.count_nonzero(wanted[area]) < least:
                continue
            looked_at[area] = 1
            part = page[_area(tile, size, (height, width), whole=True)]
            found = self._probabilities_of(part, (tile.across.length, tile.down.length), tone)
            own = found[
                tile.down.first - tile.down.begin : tile.down.last - tile.down.begin,
                tile.across.first - tile.across.begin : tile.across.last - tile.across.begin,
            ]
            probabilities[tile.down.first : tile.down.last, tile.across.first : tile.across.last] = own
        return self._found(probabilities, width, height), looked_at

    def find_turned(self, page: Pixels, degrees: float, found: list[Polygon], tone: Tone) -> list[Polygon]:
        """As `find`, with the page rotated back by this many degrees, so that its lines are level.

        Where lines were `found` well enough, only the part is looked at in which they lie. It takes hardly
        more memory than `find` does.
        """
        spec = self.spec
        height, width = page.shape[:2]
        first_width, first_height = scaled_size(spec, width, height)
        radians = math.radians(degrees)
        back = np.array([[math.cos(radians), math.sin(radians)], [-math.sin(radians), math.cos(radians)]])
        low, high = _extent(found if abs(degrees) <= _STEEP_DEGREES else [], (width, height), back)
        closest = _MOST_CLOSER * min(1.0, spec.longest_side / max(width, height))
        scale = min(1.0, closest, spec.longest_side / (high - low).max())
        scale = min(scale, math.sqrt(first_width * first_height / np.prod(high - low)))
        canvas_width, canvas_height = (_rounded_down(side * scale, spec.side_multiple) for side in high - low)
        scales = np.array([canvas_width, canvas_height]) / (high - low)
        matrix = np.hstack([scales[:, np.newaxis] * back, (-scales * low)[:, np.newaxis]])
        pixels = self._pixels.array((1, canvas_height, canvas_width, 3))
        _warp(page, matrix, scale, pixels[0])
        tone.apply(pixels[0])
        inverse = cv2.invertAffineTransform(matrix)
        polygons = self._polygons(self._run(pixels))
        corners = [np.array(polygon) @ inverse[:, :2].T + inverse[:, 2] for polygon in polygons]
        return [scaled(polygon_of(four), 1.0, 1.0, width, height) for four in corners]

    def _probabilities_of(self, page: Pixels, size: tuple[int, int], tone: Tone) -> NDArray[np.uint8]:
        """A page's map at that width and height; lives until the next run."""
        width, height = size
        pixels = self._pixels.array((1, height, width, 3))
        # Averaging areas keeps thin strokes that point sampling would lose.
        method = cv2.INTER_AREA if page.shape[1] > 2 * width else cv2.INTER_LINEAR
        cv2.resize(page, size, dst=pixels[0], interpolation=method)
        tone.apply(pixels[0])
        return self._run(pixels)

    def _run(self, pixels: Pixels) -> NDArray[np.uint8]:
        probabilities = self._probabilities.array(pixels.shape[1:3])
        self._network.run(pixels, probabilities)
        return probabilities

    def _polygons(self, probabilities: NDArray[np.uint8]) -> list[Polygon]:
        spec = self.spec
        return postprocess.polygons(probabilities, spec.pixel_threshold, spec.box_threshold, spec.unclip_ratio)

    def _found(self, probabilities: NDArray[np.uint8], width: int, height: int) -> list[Polygon]:
        """The lines of a map, in pixels of its page."""
        x_factor, y_factor = width / probabilities.shape[1], height / probabilities.shape[0]
        return [scaled(polygon, x_factor, y_factor, width, height) for polygon in self._polygons(probabilities)]


def _area(tile: Tile, size: tuple[int, int], shape: tuple[int, ...], *, whole: bool) -> tuple[slice, slice]:
    """Where a tile of a map of that width and height lies in an array: all that it sees, or what is taken from it."""
    areas = []
    for span, side, length in zip((tile.down, tile.across), size[::-1], shape, strict=False):
        begin, end = (span.begin, span.end) if whole else (span.first, span.last)
        first = begin * length // side
        areas.append(slice(first, max(first + 1, -(-end * length // side))))
    return areas[0], areas[1]


def scaled_size(spec: DetectorSpec, width: int, height: int) -> tuple[int, int]:
    """Width and height of the network's input for a page of that size."""
    scale = min(1.0, spec.longest_side / max(width, height))
    return _rounded(width * scale, spec.side_multiple), _rounded(height * scale, spec.side_multiple)


def _rounded(side: float, multiple: int) -> int:
    """To the nearest multiple that the network takes, but not to nothing."""
    return max(1, round(side / multiple)) * multiple


def _rounded_down(side: float, multiple: int) -> int:
    return max(1, math.floor(side / multiple + 1e-6)) * multiple


def _extent(
    polygons: list[Polygon], size: tuple[int, int], back: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where polygons lie in a turned page, with a margin: the least and the most x and y; all of it without any."""
    page = np.array([(0, 0), (size[0], 0), size, (0, size[1])]) @ back.T
    if not polygons:
        return page.min(0), page.max(0)
    text = np.array(polygons).reshape(-1, 2) @ back.T
    margin = _MARGIN * (text.max(0) - text.min(0)).max()
    low, high = np.maximum(text.min(0) - margin, page.min(0)), np.minimum(text.max(0) + margin, page.max(0))
    return low, np.maximum(high, low + 1.0)


def _warp(page: Pixels, matrix: NDArray[np.float64], scale: float, target: Pixels) -> None:
    if scale < 0.5:
        # Averaging areas keeps thin strokes that point sampling would lose.
        height, width = page.shape[:2]
        page = np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix.copy()
        matrix[:, 0] *= width / page.shape[1]
        matrix[:, 1] *= height / page.shape[0]
    size = target.shape[1], target.shape[0]
    cv2.warpAffine(page, matrix, size, dst=target, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
