"""Padding around a line's polygon before cropping, on sides without neighbours.

Detected polygons are tight, and a cropped stroke leads to a misread character; so do strokes of a neighbouring line.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.geometry.polygons import line_size
from edgeocr.model.geometry.pose import Pose
from edgeocr.model.results import Polygon, ReadText
from edgeocr.results.elements import polygon_of

_MARGIN = 0.1
"""Padding on each side, as a fraction of the line's thickness."""
_APART = 0.5
"""Lines whose middles are further apart, as a fraction of the thinner one, are one below the other."""


def with_margins(polygons: Sequence[Polygon], pose: Pose) -> list[Polygon]:
    """The padded polygons of a page's lines, in the same order and orientation.

    A margin extends at most half-way to the next line.
    """
    corners = np.array([pose.levelled(polygon) for polygon in polygons], np.float64).reshape(-1, 4, 2)
    low, high = corners.min(1), corners.max(1)
    return [_grown(polygon, corners[place], _gaps(low, high, place) / 2) for place, polygon in enumerate(polygons)]


def within(read: ReadText, polygon: Polygon, cut: Polygon) -> ReadText:
    """Converts characters' extents in a padded crop to fractions of the line's own polygon."""
    start, end = _middle(cut[0], cut[3]), _middle(cut[1], cut[2])
    across = end - start
    length = float(across @ across)
    first, last = (
        float((_middle(*side) - start) @ across) / length for side in ((polygon[0], polygon[3]), polygon[1:3])
    )
    if not length or last <= first:
        return read
    characters = tuple(
        replace(
            character,
            start=min(max((character.start - first) / (last - first), 0.0), 1.0),
            end=min(max((character.end - first) / (last - first), 0.0), 1.0),
        )
        for character in read.characters
    )
    return replace(read, characters=characters)


def _gaps(low: NDArray[np.float64], high: NDArray[np.float64], place: int) -> NDArray[np.float64]:
    """Distances from the left, upper, right and lower side of a box to the next box; infinite if there is none."""
    middle, size = (low + high) / 2, high - low
    apart = middle - middle[place]
    shared = np.minimum(high, high[place]) - np.maximum(low, low[place])
    below = np.abs(apart[:, 1]) > _APART * np.minimum(size[:, 1], size[place, 1])
    above_or_below = (shared[:, 0] > 0) & below
    beside = (shared[:, 1] > 0) & ~below
    sides = (
        (beside & (apart[:, 0] < 0), low[place, 0] - high[:, 0]),
        (above_or_below & (apart[:, 1] < 0), low[place, 1] - high[:, 1]),
        (beside & (apart[:, 0] > 0), low[:, 0] - high[place, 0]),
        (above_or_below & (apart[:, 1] > 0), low[:, 1] - high[place, 1]),
    )
    return np.array([max(0.0, gaps[there].min(initial=math.inf)) for there, gaps in sides])


def _grown(polygon: Polygon, level: NDArray[np.float64], most: NDArray[np.float64]) -> Polygon:
    """A polygon with margins, of at most `most` on the left, upper, right and lower side of its level frame."""
    corners = np.array(polygon)
    width, height = line_size(polygon)
    along = level[1] + level[2] - level[0] - level[3]
    # Which side of the frame the line's left one is: that of a line that runs downwards is the upper one.
    turns = round(math.degrees(math.atan2(along[1], along[0])) / 90)
    left, up, right, bottom = np.minimum(np.roll(most, -turns), _MARGIN * min(height, 2 * width))
    across, below = corners[1] + corners[2] - corners[0] - corners[3], corners[2] + corners[3] - corners[0] - corners[1]
    across, below = across / max(math.hypot(*across), 1e-6), below / max(math.hypot(*below), 1e-6)
    sides = np.array([(-left, -up), (right, -up), (right, bottom), (-left, bottom)])
    return polygon_of(corners + sides @ np.array([across, below]))


def _middle(one: Sequence[float], other: Sequence[float]) -> NDArray[np.float64]:
    return (np.array(one) + other) / 2
