"""From text probabilities to polygons: the post-processing of a DB network.

Such a network is trained on lines shrunken towards their middle, so that neighbours stay apart. Each connected
region is taken as a rotated rectangle and grown back by area × ratio ÷ perimeter (Liao et al. 2020, section 3.4).

Probabilities are uint8, 0–255 for 0–1: as fine as thresholds need, and a quarter of the memory.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.geometry.polygons import oriented
from edgeocr.model.results import Polygon
from edgeocr.results.elements import polygon_of

MIN_SIDE_PIXELS = 3.0
"""Regions thinner than this, before growing, are noise."""

MAX_REGIONS = 2000
REGION_PIXELS = 960 * 960
"""More regions in a map of that size, or proportionally more in a larger one, are texture rather than text."""

BAND_PIXELS = 4_000_000
"""Maximum pixels that are processed at a time, since intermediate results take twice as much memory."""


def polygons(
    probabilities: NDArray[np.uint8], pixel_threshold: float, box_threshold: float, unclip_ratio: float
) -> list[Polygon]:
    """The line polygons in an H×W map of text probabilities, in the map's pixels and reading orientation."""
    found: list[Polygon] = []
    top, height = 0, probabilities.shape[0]
    while top < height:
        bottom = _end_of_band(probabilities, top, pixel_threshold * 255)
        band = probabilities[top:bottom]
        lines = _of_band(band, pixel_threshold, box_threshold, unclip_ratio)
        found += [_lowered(line, top) for line in lines] if top else lines
        top = bottom
    return found


def _end_of_band(probabilities: NDArray[np.uint8], top: int, threshold: float) -> int:
    """The end of a band of rows from `top` that can be processed at a time, where it cuts the least text."""
    height, width = map(int, probabilities.shape)
    most = max(2, BAND_PIXELS // width)
    if height - top <= most:
        return height
    rows = probabilities[top + most // 2 : top + most]
    text = cv2.reduce(cv2.threshold(rows, threshold, 1, cv2.THRESH_BINARY)[1], 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return top + most - 1 - int(text[::-1].argmin())


def _lowered(polygon: Polygon, rows: int) -> Polygon:
    return polygon_of((x, y + rows) for x, y in polygon)


def _of_band(
    probabilities: NDArray[np.uint8], pixel_threshold: float, box_threshold: float, unclip_ratio: float
) -> list[Polygon]:
    _, mask = cv2.threshold(probabilities, pixel_threshold * 255, 1, cv2.THRESH_BINARY)
    # A hole is what a large character encloses.
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[: round(MAX_REGIONS * max(1.0, mask.size / REGION_PIXELS))]:
        middle, (width, height), degrees = rectangle = cv2.minAreaRect(contour)
        if min(width, height) < MIN_SIDE_PIXELS:
            continue
        if _mean_inside(probabilities, cv2.boxPoints(rectangle)) < box_threshold * 255:
            continue
        # A rectangle's outline moved outwards everywhere fits a rectangle that is larger by as much on every side.
        distance = width * height * unclip_ratio / (2 * (width + height))
        found.append(oriented(cv2.boxPoints((middle, (width + 2 * distance, height + 2 * distance), degrees))))
    return found


def _mean_inside(probabilities: NDArray[np.uint8], corners: NDArray[np.floating]) -> float:
    """Mean probability, 0–255, inside a rectangle."""
    height, width = probabilities.shape
    xs, ys = corners.T.tolist()
    left, right = (min(max(side, 0), width - 1) for side in (math.floor(min(xs)), math.ceil(max(xs))))
    top, bottom = (min(max(side, 0), height - 1) for side in (math.floor(min(ys)), math.ceil(max(ys))))
    inside = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(inside, [np.rint(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(probabilities[top : bottom + 1, left : right + 1], inside)[0])
