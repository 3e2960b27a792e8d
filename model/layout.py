"""Where lines stand on a page: their size, their upright crops, and the order in which they are read."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from edgeocr.model.image import Pixels
from edgeocr.model.results import Polygon

TALL_RATIO = 1.5
"""A line this many times higher than wide is taken to run downwards, turned clockwise by a quarter."""


def reading_orientation(polygon: Polygon) -> Polygon:
    """The polygon starting at the text's own top left, which for a line that runs downwards is its top right."""
    width, height = line_size(polygon)
    return (*polygon[1:], polygon[0]) if height >= TALL_RATIO * width else polygon


def line_size(polygon: Polygon) -> tuple[int, int]:
    """Width and height in pixels of the upright crop of a polygon in reading orientation."""
    top_left, top_right, bottom_right, bottom_left = polygon
    width = max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))
    height = max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))
    return max(1, round(width)), max(1, round(height))


def crop(page: Pixels, polygon: Polygon) -> Pixels:
    """The line upright, rectified from its polygon in reading orientation."""
    width, height = line_size(polygon)
    source = np.array(polygon, np.float32)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    transform = cv2.getPerspectiveTransform(source, target)
    line = cv2.warpPerspective(page, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, np.uint8)


def reading_order(polygons: Sequence[Polygon]) -> list[Polygon]:
    """Rows from top to bottom, each from left to right; lines share a row if their middles are level."""
    rows: list[list[tuple[float, float, float, Polygon]]] = []
    boxes = [(*_middle(polygon), _extent(polygon), polygon) for polygon in polygons]
    for box in sorted(boxes, key=lambda box: box[1]):
        row = rows[-1] if rows else None
        if row is not None and box[1] - row[-1][1] < 0.5 * min(box[2], row[-1][2]):
            row.append(box)
        else:
            rows.append([box])
    return [box[3] for row in rows for box in sorted(row, key=lambda box: box[0])]


def _middle(polygon: Polygon) -> tuple[float, float]:
    return sum(x for x, _ in polygon) / 4, sum(y for _, y in polygon) / 4


def _extent(polygon: Polygon) -> float:
    """Height on the page, in pixels."""
    return max(y for _, y in polygon) - min(y for _, y in polygon)
