"""Padding around a line's polygon before cropping, on sides without neighbours.

Detected polygons are tight, and a cropped stroke leads to a misread character; so do strokes of a neighbouring line.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.geometry.polygons import line_size
from edgeocr.model.geometry.pose import Pose
from edgeocr.model.results import Character, Polygon, ReadText
from edgeocr.results.elements import polygon_of

_MARGIN = 0.1
"""Padding on each side, as a fraction of the line's thickness."""
_APART = 0.5
"""Lines whose middles are further apart, as a fraction of the thinner one, are one below the other."""
_AT_A_TIME = 64
"""Lines compared with all others at a time, which bounds the memory."""


def with_margins(polygons: Sequence[Polygon], pose: Pose) -> list[Polygon]:
    """The padded polygons of a page's lines, in the same order and orientation.

    A margin extends at most half-way to the next line.
    """
    corners = np.array(polygons, np.float64).reshape(-1, 4, 2)
    level = np.array([pose.levelled(polygon) for polygon in polygons], np.float64).reshape(-1, 4, 2)
    widths, heights = np.array([line_size(polygon) for polygon in polygons], np.float64).reshape(-1, 2).T
    # Which side of the frame a line's left one is: that of a line that runs downwards is the upper one.
    along_x, along_y = (level[:, 1] + level[:, 2] - level[:, 0] - level[:, 3]).T
    turns = np.rint(np.degrees(np.arctan2(along_y, along_x)) / 90).astype(int)
    most = np.take_along_axis(_gaps(level.min(1), level.max(1)) / 2, (np.arange(4) + turns[:, np.newaxis]) % 4, 1)
    most = np.minimum(most, _MARGIN * np.minimum(heights, 2 * widths)[:, np.newaxis])
    across = _unit(corners[:, 1] + corners[:, 2] - corners[:, 0] - corners[:, 3])
    below = _unit(corners[:, 2] + corners[:, 3] - corners[:, 0] - corners[:, 1])
    left, up, right, bottom = most.T[:, :, np.newaxis]
    sides = -left * across - up * below, right * across - up * below, right * across + bottom * below
    moved = corners + np.stack([*sides, bottom * below - left * across], 1)
    return [polygon_of(four) for four in moved.tolist()]


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
        Character(
            character.text,
            character.confidence,
            min(max((character.start - first) / (last - first), 0.0), 1.0),
            min(max((character.end - first) / (last - first), 0.0), 1.0),
            character.alternatives,
        )
        for character in read.characters
    )
    return replace(read, characters=characters)


def _gaps(low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    """N×4: distances from the left, upper, right and lower side of boxes to the next one; infinite if there is none."""
    (left, top), (right, bottom) = low.T, high.T
    (x, y), heights = ((low + high) / 2).T, bottom - top
    found = np.empty((len(low), 4))
    for begin in range(0, len(low), _AT_A_TIME):
        some = slice(begin, begin + _AT_A_TIME), np.newaxis
        along, down = x - x[some], y - y[some]
        is_apart = np.abs(down) > _APART * np.minimum(heights, heights[some])
        above_or_below = (np.minimum(right, right[some]) - np.maximum(left, left[some]) > 0) & is_apart
        beside = (np.minimum(bottom, bottom[some]) - np.maximum(top, top[some]) > 0) & ~is_apart
        sides = (
            (beside & (along < 0), left[some] - right),
            (above_or_below & (down < 0), top[some] - bottom),
            (beside & (along > 0), left - right[some]),
            (above_or_below & (down > 0), top - bottom[some]),
        )
        found[some[0]] = np.stack([np.where(there, gaps, np.inf).min(1) for there, gaps in sides], 1)
    return np.maximum(found, 0.0)


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """N×2 vectors with a length of 1."""
    return np.asarray(vectors / np.maximum(np.hypot(*vectors.T), 1e-6)[:, np.newaxis])


def _middle(one: Sequence[float], other: Sequence[float]) -> NDArray[np.float64]:
    return (np.array(one) + other) / 2
