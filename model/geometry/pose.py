"""How a page's text lies in its image: turned, skewed, seen from an angle; estimated from the detected lines.

Nothing is turned but coordinates: what follows works in a frame in which the text is level, and pixels are taken from
the image as it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Point, Polygon

Floats = NDArray[np.floating[Any]]

_LONG_RATIO = 2.0
"""Lines this many times longer than high show which way they run."""
_LEAST_SHARE = 0.1
"""Of the lengths of all lines, those of long ones take at least this much where they determine how a page lies."""
_STRAY_DEGREES = 8.0
"""A line that lies further from the others says nothing about the page."""
_LEVEL_DEGREES = 0.3
"""Less than that is what a level page's polygons show by themselves, and is left alone."""
_NEARLY_LEVEL_DEGREES = 1.0
"""Polygons of a few short lines are no more exact than that."""
_LEAST_LINES = 8
"""With fewer lines nothing is said of a vanishing point."""
_MOST_CONVERGENCE = 0.6
"""Most of a page's extent in which its lines may draw together, as a share; more is an error of the fit."""
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Pose:
    """The frame of a page's text.

    Attributes:
        degrees: by which the text is turned clockwise, −180 to 180, at the frame's middle.
        convergence: by how much more a line slopes for each pixel that it lies further down, as lines do that run to
            one vanishing point.
        middle: the frame's origin, in pixels of the image.
    """

    degrees: float = 0.0
    convergence: float = 0.0
    middle: Point = (0.0, 0.0)

    @property
    def is_level(self) -> bool:
        """Whether image and frame are the same."""
        return not self.degrees and not self.convergence

    @property
    def is_nearly_level(self) -> bool:
        """Whether lines are as level in the image as their polygons tell."""
        return abs(self.degrees) <= _NEARLY_LEVEL_DEGREES and not self.convergence

    def levelled(self, polygon: Polygon) -> Polygon:
        """The polygon in the frame: along the text, and down the page."""
        if self.is_level:
            return polygon
        first, second, third, fourth = map(self._levelled, polygon)
        return first, second, third, fourth

    def _levelled(self, point: Point) -> Point:
        along, down = _turned((point[0] - self.middle[0], point[1] - self.middle[1]), -self.degrees)
        # Where the line through the point and the vanishing point crosses the middle.
        return along, down / max(1.0 + self.convergence * along, 1.0 - _MOST_CONVERGENCE)

    def in_image(self, along: Floats, down: Floats) -> tuple[Floats, Floats]:
        """The x and y of the image that lie there in the frame, arrays that broadcast: what `levelled` does, undone."""
        if self.is_level:
            return along, down
        widening = np.maximum(1.0 + self.convergence * along, 1.0 - _MOST_CONVERGENCE)
        radians = math.radians(self.degrees)
        cosine, sine = math.cos(radians), math.sin(radians)
        down = down * widening
        return along * cosine - down * sine + self.middle[0], along * sine + down * cosine + self.middle[1]


LEVEL = Pose()


def axis_degrees(polygons: Sequence[Polygon]) -> float | None:
    """Which way most text runs, clockwise, but not in which sense: above −90 to 90; None if too few lines are long."""
    degrees, lengths, _ = _axes(polygons)
    if not len(degrees):
        return None
    corners = np.array(polygons, np.float64)
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    if lengths.sum() < _LEAST_SHARE * sides.max(1).sum():
        return None
    # Angles that differ by a half turn are the same: twice the angle knows no difference.
    doubled = np.deg2rad(2 * degrees)
    mean = math.degrees(math.atan2((lengths * np.sin(doubled)).sum(), (lengths * np.cos(doubled)).sum())) / 2
    apart = _apart(degrees, mean)
    return _half_turn(mean + _weighted_median(apart, lengths))


def fitted(polygons: Sequence[Polygon], degrees: float) -> Pose:
    """The pose of lines that run in about that direction: its exact angle, and what perspective there is."""
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
    """How lines slope at the middle, and by how much more for each pixel further down; strays count less and less."""
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
    # What a level page's polygons show by themselves is no perspective.
    if math.degrees(abs(convergence) * float(np.ptp(heights))) < 4 * _LEVEL_DEGREES:
        return _weighted_median(slopes, weights), 0.0
    return slope, math.copysign(min(abs(convergence), _MOST_CONVERGENCE / max(reach, 1.0)), convergence)


def _axes(
    polygons: Sequence[Polygon],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of the long ones: degrees of their longer axis, its length, and their middles."""
    corners = np.array(polygons, np.float64).reshape(-1, 4, 2)
    across = (corners[:, 1] + corners[:, 2] - corners[:, 0] - corners[:, 3]) / 2
    down = (corners[:, 2] + corners[:, 3] - corners[:, 0] - corners[:, 1]) / 2
    widths, heights = np.hypot(*across.T), np.hypot(*down.T)
    axes = np.where((widths >= heights)[:, np.newaxis], across, down)
    lengths, thicknesses = np.maximum(widths, heights), np.minimum(widths, heights)
    long = lengths >= _LONG_RATIO * np.maximum(thicknesses, 1.0)
    return np.rad2deg(np.arctan2(axes[:, 1], axes[:, 0]))[long], lengths[long], corners.mean(1)[long]


def _apart(degrees: NDArray[np.float64], reference: float) -> NDArray[np.float64]:
    """How far axes lie from a reference, −90 to below 90."""
    return np.asarray((degrees - reference + 90) % 180 - 90)


def _half_turn(degrees: float) -> float:
    """Above −90 to 90."""
    return 90 - (90 - degrees) % 180


def _whole_turn(degrees: float) -> float:
    """Above −180 to 180."""
    return 180 - (180 - degrees) % 360


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def _turned(point: Point, degrees: float) -> Point:
    """Clockwise about the origin."""
    radians = math.radians(degrees)
    cosine, sine = math.cos(radians), math.sin(radians)
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine
