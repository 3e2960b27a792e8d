"""The pose of a page's text in the image: rotation, skew and perspective, estimated from the detected lines.

Only coordinates are transformed: later steps work in a frame with level text, and pixels are taken from the original
image.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Point, Polygon
from edgeocr.results.elements import polygon_of

Floats = NDArray[np.floating[Any]]

_LONG_RATIO = 2.0
"""Lines of at least this ratio of length to height determine the direction."""
_LEAST_SHARE = 0.1
"""Minimum fraction of the total length that long lines must have to determine the pose."""
_STRAY_DEGREES = 8.0
"""Lines whose angle deviates more are ignored."""
_LEVEL_DEGREES = 0.3
"""Smaller angles are within the error of a level page's polygons, and are ignored."""
_NEARLY_LEVEL_DEGREES = 1.0
"""Accuracy of polygons of a few short lines."""
_LEAST_LINES = 8
"""Minimum number of lines for estimating a vanishing point."""
_MOST_CONVERGENCE = 0.6
"""Maximum convergence over the page's extent; more is an error of the fit."""
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Pose:
    """The frame of a page's text.

    Attributes:
        degrees: clockwise rotation of the text, −180 to 180, at the frame's middle.
        convergence: increase of lines' slope per pixel further down, for lines with a common vanishing point.
        middle: the frame's origin, in pixels of the image.
    """

    degrees: float = 0.0
    convergence: float = 0.0
    middle: Point = (0.0, 0.0)

    @property
    def is_level(self) -> bool:
        """Whether image and frame coincide."""
        return not self.degrees and not self.convergence

    @property
    def is_nearly_level(self) -> bool:
        """Whether lines are level in the image, within the accuracy of polygons."""
        return abs(self.degrees) <= _NEARLY_LEVEL_DEGREES and not self.convergence

    def levelled(self, polygon: Polygon) -> Polygon:
        """The polygon in the frame: x along the text, y down the page."""
        if self.is_level:
            return polygon
        return polygon_of(map(self._levelled, polygon))

    def _levelled(self, point: Point) -> Point:
        along, down = _turned((point[0] - self.middle[0], point[1] - self.middle[1]), -self.degrees)
        # The intersection of the middle with the line through the point and the vanishing point.
        return along, down / max(1.0 + self.convergence * along, 1.0 - _MOST_CONVERGENCE)

    def in_image(self, along: Floats, down: Floats) -> tuple[Floats, Floats]:
        """The inverse of `levelled`: image coordinates of frame coordinates, arrays that broadcast."""
        if self.is_level:
            return along, down
        if self.convergence:
            down = down * np.maximum(1.0 + self.convergence * along, 1.0 - _MOST_CONVERGENCE)
        radians = math.radians(self.degrees)
        cosine, sine = math.cos(radians), math.sin(radians)
        return along * cosine - down * sine + self.middle[0], along * sine + down * cosine + self.middle[1]


LEVEL = Pose()


def axis_degrees(polygons: Sequence[Polygon]) -> float | None:
    """The axis of most text, clockwise, above −90 to 90, without its direction; None if too few lines are long."""
    degrees, lengths, _ = _axes(polygons)
    if not len(degrees):
        return None
    corners = np.array(polygons, np.float64)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    if lengths.sum() < _LEAST_SHARE * sides.max(1).sum():
        return None
    # Angles that differ by a half turn are equal, which doubling them achieves.
    doubled = np.deg2rad(2 * degrees)
    mean = math.degrees(math.atan2((lengths * np.sin(doubled)).sum(), (lengths * np.cos(doubled)).sum())) / 2
    apart = _apart(degrees, mean)
    return _half_turn(mean + _weighted_median(apart, lengths))


def fitted(polygons: Sequence[Polygon], degrees: float) -> Pose:
    """The pose of lines that run in about this direction: exact angle and perspective."""
    angles, lengths, middles = _axes(polygons)
    apart = _apart(angles, degrees)
    near = np.abs(apart) < _STRAY_DEGREES
    if not near.any():
        return Pose(degrees)
    apart, lengths, middles = apart[near], lengths[near], middles[near]
    x, y = (middles * lengths[:, np.newaxis]).sum(0) / lengths.sum()
    slopes = np.tan(np.deg2rad(apart))
    radians = math.radians(degrees)
    along = (middles[:, 0] - x) * math.cos(radians) + (middles[:, 1] - y) * math.sin(radians)
    down = (middles[:, 1] - y) * math.cos(radians) - (middles[:, 0] - x) * math.sin(radians)
    slope, convergence = _pencil(along, down, slopes, lengths)
    degrees += math.degrees(math.atan(slope))
    if abs(degrees) < _LEVEL_DEGREES and not convergence:
        degrees = 0.0
    return Pose(_whole_turn(degrees), convergence, (float(x), float(y)))


def _pencil(
    along: NDArray[np.float64], down: NDArray[np.float64], slopes: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """The slope of lines at the middle, and its increase per pixel further down, by iteratively reweighted least
    squares."""
    slope, convergence = _weighted_median(slopes, weights), 0.0
    if len(slopes) < _LEAST_LINES:
        return slope, convergence
    heights = down - slopes * along
    for _ in range(_ROUNDS):
        misses = np.abs(slopes - slope - convergence * heights)
        trust = weights / (misses + 0.002)
        centre = (trust * heights).sum() / trust.sum()
        offsets = heights - centre
        mean = (trust * slopes).sum() / trust.sum()
        spread = (trust * offsets**2).sum()
        convergence = float((trust * offsets * (slopes - mean)).sum() / max(spread, 1e-9))
        slope = float(mean - convergence * centre)
    reach = float(np.abs(along).max())
    # Small values are within the error of a level page's polygons.
    if math.degrees(abs(convergence) * float(np.ptp(heights))) < 4 * _LEVEL_DEGREES:
        return _weighted_median(slopes, weights), 0.0
    return slope, math.copysign(min(abs(convergence), _MOST_CONVERGENCE / max(reach, 1.0)), convergence)


def _axes(
    polygons: Sequence[Polygon],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Angles in degrees, lengths and middles of long lines."""
    corners = np.array(polygons, np.float64).reshape(-1, 4, 2)
    across = (corners[:, 1] + corners[:, 2] - corners[:, 0] - corners[:, 3]) / 2
    down = (corners[:, 2] + corners[:, 3] - corners[:, 0] - corners[:, 1]) / 2
    widths, heights = np.hypot(*across.T), np.hypot(*down.T)
    axes = np.where((widths >= heights)[:, np.newaxis], across, down)
    lengths, thicknesses = np.maximum(widths, heights), np.minimum(widths, heights)
    long = lengths >= _LONG_RATIO * np.maximum(thicknesses, 1.0)
    return np.rad2deg(np.arctan2(axes[:, 1], axes[:, 0]))[long], lengths[long], corners.mean(1)[long]


def _apart(degrees: NDArray[np.float64], reference: float) -> NDArray[np.float64]:
    """Differences of axes from a reference, −90 to below 90."""
    return np.asarray((degrees - reference + 90) % 180 - 90)


def _half_turn(degrees: float) -> float:
    """Normalises to above −90 to 90."""
    return 90 - (90 - degrees) % 180


def _whole_turn(degrees: float) -> float:
    """Normalises to above −180 to 180."""
    return 180 - (180 - degrees) % 360


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _turned(point: Point, degrees: float) -> Point:
    """Rotates clockwise about the origin."""
    radians = math.radians(degrees)
    cosine, sine = math.cos(radians), math.sin(radians)
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine
