"""Detection of ruling lines: the long, thin horizontal and vertical strokes of tables.

They are looked for in a small copy of the page, levelled as its text lies, by opening it with long elements: along the
text first, and upright only if there are enough of these.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.contrast import Tone
from edgeocr.model.geometry.pose import Pose
from edgeocr.model.pixels import Pixels

_LONGEST_SIDE = 1280
"""Of the copy, in pixels."""
_LENGTH = 24
"""Least length of a stroke in the copy, in pixels; shorter ones may be strokes of letters."""
_THICKNESS = 7
"""Of a stroke in the copy; what is thicker is an area, and its edges are strokes."""
_NEIGHBOURHOOD, _DARKER = 25, 12
"""A stroke is darker than the mean of so many pixels around it, by that much of 255."""
_LEAST_ALONG = 2
"""Strokes along the text that a table has at least."""
_MOST = 2000
"""Strokes of one kind; what has more is a texture."""
_STRIDE = 4


@dataclass(frozen=True, slots=True)
class Rulings:
    """Strokes in the frame of a page's text, in its pixels.

    Attributes:
        along: N×3: position down the page, start and end of horizontal strokes.
        upright: N×3: position along the text, start and end of vertical strokes.
        tolerance: maximum gap between strokes that meet.
    """

    along: NDArray[np.float64]
    upright: NDArray[np.float64]
    tolerance: float


def rulings(page: Pixels, pose: Pose, tone: Tone) -> Rulings | None:
    """The rulings of an H×W×3 BGR page whose text lies in that pose; None if there are too few for a table."""
    height, width = page.shape[:2]
    grey, scales = _small(page)
    tone.apply(grey)
    low = np.zeros(2)
    if not pose.is_level:
        grey, low, scales = _levelled(grey, pose, scales, (width, height))
    strokes = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _NEIGHBOURHOOD, _DARKER
    )
    along = _strokes(strokes)
    if not _LEAST_ALONG <= len(along) <= _MOST:
        return None
    upright = _strokes(np.ascontiguousarray(strokes.T))
    if not 0 < len(upright) <= _MOST:
        return None
    x_scale, y_scale = scales
    return Rulings(
        along / (y_scale, x_scale, x_scale) + (low[1], low[0], low[0]),
        upright / (x_scale, y_scale, y_scale) + (low[0], low[1], low[1]),
        tolerance=4.0 / float(scales.min()),
    )


def _small(page: Pixels) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A grey copy, and its scale along both sides."""
    height, width = page.shape[:2]
    scale = min(1.0, _LONGEST_SIDE / max(height, width))
    # Whole numbers of pixels are averaged many times faster than others, and no stroke is lost by what is left.
    factor = int(1 / scale)
    if factor > 1 and min(height, width) >= factor:
        whole = page[: height // factor * factor, : width // factor * factor]
        page = np.asarray(
            cv2.resize(whole, (width // factor, height // factor), interpolation=cv2.INTER_AREA), np.uint8
        )
    size = max(1, round(width * scale)), max(1, round(height * scale))
    grey = cv2.resize(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(grey, np.uint8), np.array([size[0] / width, size[1] / height])


def _strokes(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    """N×3: row, begin and end of level strokes in a binary image."""
    # A stroke that is not quite level steps from row to row.
    thickened = cv2.dilate(image, np.ones((3, 1), np.uint8))
    opened = cv2.morphologyEx(thickened, cv2.MORPH_OPEN, np.ones((1, _LENGTH), np.uint8))
    # What is left is long: every few columns tell it as well.
    count, _, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(opened[:, ::_STRIDE]), connectivity=8)
    stats[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_WIDTH]] *= _STRIDE
    found: list[tuple[float, float, float]] = []
    for x, y, wide, high, _ in stats[1:count].tolist():
        end = float(x + wide)
        if high - 2 <= max(_THICKNESS, wide // 40):
            found.append((y + high / 2, float(x), end))
        elif wide > 2 * high:
            found += [(y + 1.0, float(x), end), (y + high - 1.0, float(x), end)]
    return np.array(found, np.float64).reshape(-1, 3)


def _levelled(
    grey: NDArray[np.uint8], pose: Pose, scales: NDArray[np.float64], size: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """The copy with level text, which point of the frame its corner is, and its scale."""
    width, height = map(float, size)
    corners = np.array(pose.levelled(((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))))
    low, high = corners.min(0), corners.max(0)
    scale = min(float(scales.min()), _LONGEST_SIDE / float((high - low).max()))
    columns, lines = (max(1, round(float(side) * scale)) for side in high - low)
    along = np.float32(low[0]) + np.arange(columns, dtype=np.float32)[np.newaxis] / np.float32(scale)
    down = np.float32(low[1]) + np.arange(lines, dtype=np.float32)[:, np.newaxis] / np.float32(scale)
    x, y = pose.in_image(along, down)
    turned = cv2.remap(
        grey,
        (x * scales[0]).astype(np.float32),
        (y * scales[1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(turned, np.uint8), low, np.array([scale, scale])


def clusters(values: Sequence[float], tolerance: float) -> list[float]:
    """The means of clusters of values, in order."""
    ordered = np.sort(np.array(values, np.float64))
    if not len(ordered):
        return []
    breaks = np.flatnonzero(np.diff(ordered) > tolerance) + 1
    return [float(group.mean()) for group in np.split(ordered, breaks)]
