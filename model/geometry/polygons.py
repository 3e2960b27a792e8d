"""Polygons of lines: corners in reading orientation, sizes, and upright crops."""

import math
from collections.abc import Sequence
from operator import itemgetter

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.geometry.pose import Pose
from edgeocr.model.pixels import Pixels
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

TALL_RATIO = 1.5
"""A line that exceeds this ratio of height to width counts as rotated by 90° clockwise, running downwards."""


def laid_out(polygons: Sequence[Polygon], pose: Pose) -> list[Polygon]:
    """The polygons of a page with this pose, in reading orientation, from top to bottom."""
    level = [pose.levelled(polygon) for polygon in polygons]
    order = sorted(range(len(level)), key=lambda place: sum(y for _, y in level[place]))
    return [_from(polygons[place], _start(level[place])) for place in order]


def reading_orientation(polygon: Polygon) -> Polygon:
    """The polygon starting at the text's own top left, which for a line that runs downwards is its top right."""
    return _from(polygon, _start(polygon))


def runs_down(polygon: Polygon) -> bool:
    """Whether the text of a level polygon in reading orientation runs downwards or upwards rather than across."""
    (left, top), (right, bottom) = polygon[:2]
    return abs(bottom - top) > abs(right - left)


def upright_column(polygon: Polygon) -> Polygon:
    """The polygon of a vertical text, starting at its topmost character."""
    return _from(polygon, 3)


def upside_down(polygon: Polygon) -> Polygon:
    """The polygon rotated by 180°."""
    return _from(polygon, 2)


def _start(polygon: Polygon) -> int:
    """The index of the text's top left corner in a clockwise polygon."""
    corners = sorted(range(4), key=lambda corner: polygon[corner][0])
    start = min(corners[:2], key=lambda corner: polygon[corner][1])
    width, height = line_size(_from(polygon, start))
    return (start + 1) % 4 if height >= TALL_RATIO * width else start


def _from(polygon: Polygon, start: int) -> Polygon:
    """The polygon starting at another of its corners."""
    first, second, third, fourth = polygon[start:] + polygon[:start]
    return first, second, third, fourth


def line_size(polygon: Polygon) -> tuple[int, int]:
    """Width and height in pixels of the upright crop of a polygon in reading orientation."""
    top_left, top_right, bottom_right, bottom_left = polygon
    width = max(math.dist(top_left, top_right), math.dist(bottom_left, bottom_right))
    height = max(math.dist(top_left, bottom_left), math.dist(top_right, bottom_right))
    return max(1, round(width)), max(1, round(height))


def crop(page: Pixels, polygon: Polygon) -> Pixels:
    """The line upright, rectified from its polygon in reading orientation; with as many channels as the page has."""
    width, height = line_size(polygon)
    source = np.array(polygon, np.float32)
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    transform = cv2.getPerspectiveTransform(source, target)
    line = cv2.warpPerspective(page, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(line, np.uint8)


def scaled(polygon: Polygon, x_factor: float, y_factor: float, width: int, height: int) -> Polygon:
    """The polygon with its coordinates multiplied, and kept within an image of width × height pixels."""
    return polygon_of((min(max(x * x_factor, 0.0), width), min(max(y * y_factor, 0.0), height)) for x, y in polygon)


def oriented(corners: NDArray[np.floating]) -> Polygon:
    """A rectangle's 4×2 corners as a polygon that starts at the top left and goes clockwise.

    The top left corner is the one of the left two that lies higher, where left and right are distinguished along the
    axis of the image that the rectangle is closer to.
    """
    by_x = sorted(corners.tolist(), key=itemgetter(0))
    upper_left, lower_left = sorted(by_x[:2], key=itemgetter(1))
    upper_right, lower_right = sorted(by_x[2:], key=itemgetter(1))
    return polygon_of((upper_left, upper_right, lower_right, lower_left))
