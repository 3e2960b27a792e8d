"""The text detector: a page in, the polygons of its text lines out.

A DB network (Liao et al. 2020, arXiv 1911.08947) gives each pixel a probability of being text; `db` turns these
into polygons.
"""

import cv2
import numpy as np

from edgeocr.model import db
from edgeocr.model.image import Pixels
from edgeocr.model.manifest import DetectorSpec
from edgeocr.model.network import Buffer, Network
from edgeocr.model.results import Polygon


class Detector:
    """Finds lines with a shared network and buffers of its own: one for each worker."""

    def __init__(self, network: Network[np.uint8], spec: DetectorSpec) -> None:
        self._network = network
        self._spec = spec
        self._pixels = Buffer(np.uint8)
        self._probabilities = Buffer(np.uint8)

    def find(self, page: Pixels) -> list[Polygon]:
        """The lines of an H×W×3 BGR page, as polygons in its pixels, in no particular order."""
        height, width = page.shape[:2]
        scaled_width, scaled_height = scaled_size(self._spec, width, height)
        pixels = self._pixels.array((1, scaled_height, scaled_width, 3))
        # Averaging areas keeps thin strokes that point sampling would lose.
        method = cv2.INTER_AREA if width > 2 * scaled_width else cv2.INTER_LINEAR
        cv2.resize(page, (scaled_width, scaled_height), dst=pixels[0], interpolation=method)
        probabilities = self._probabilities.array((scaled_height, scaled_width))
        self._network.run(pixels, probabilities)
        spec = self._spec
        polygons = db.polygons(probabilities, spec.pixel_threshold, spec.box_threshold, spec.unclip_ratio)
        return [db.scaled(polygon, width / scaled_width, height / scaled_height, width, height) for polygon in polygons]


def scaled_size(spec: DetectorSpec, width: int, height: int) -> tuple[int, int]:
    """Width and height of the network's input for a page of that size."""
    scale = min(1.0, spec.longest_side / max(width, height))
    return _rounded(width * scale, spec.side_multiple), _rounded(height * scale, spec.side_multiple)


def _rounded(side: float, multiple: int) -> int:
    """To the nearest multiple that the network takes, but not to nothing."""
    return max(1, round(side / multiple)) * multiple
