"""What happens to pages before they are sent: turned, skewed, photographed, darkened, faded."""

from collections.abc import Callable

import cv2
import numpy as np

from edgeocr.model.pixels import Pixels

_PAPER = (255, 255, 255)
_TABLE = (60, 70, 80)


def _turned(code: int) -> Callable[[Pixels], Pixels]:
    return lambda page: np.asarray(cv2.rotate(page, code), np.uint8)


def _skewed(degrees: float) -> Callable[[Pixels], Pixels]:
    """Turned about its middle, on a sheet that is large enough for all of it."""

    def skew(page: Pixels) -> Pixels:
        height, width = page.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        cosine, sine = abs(matrix[0, 0]), abs(matrix[0, 1])
        wide, high = round(width * cosine + height * sine), round(width * sine + height * cosine)
        matrix[:, 2] += ((wide - width) / 2, (high - height) / 2)
        return np.asarray(cv2.warpAffine(page, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderValue=_PAPER))

    return skew


def _photographed(page: Pixels) -> Pixels:
    """A sheet on a dark table, seen from one side and from below, with light that falls off."""
    height, width = page.shape[:2]
    margin = max(height, width) // 12
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners * 0.94 + np.array([[0.10, 0.04], [-0.02, 0.00], [0.03, 0.05], [0.00, 0.00]], np.float32) * (
        width,
        height,
    )
    matrix = cv2.getPerspectiveTransform(corners, (seen + margin).astype(np.float32))
    size = (width + 2 * margin, height + 2 * margin)
    photo = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_CUBIC, borderValue=_TABLE)
    light = np.linspace(1.0, 0.72, size[0], dtype=np.float32)[np.newaxis, :, np.newaxis]
    return np.asarray(np.clip(photo * light, 0, 255), np.uint8)


def _darkened(page: Pixels) -> Pixels:
    return np.asarray(page * np.float32(0.3), np.uint8)


def _faded(page: Pixels) -> Pixels:
    return np.asarray(255 - (255 - page) * np.float32(0.25), np.uint8)


VARIANTS: dict[str, Callable[[Pixels], Pixels]] = {
    "90°": _turned(cv2.ROTATE_90_CLOCKWISE),
    "180°": _turned(cv2.ROTATE_180),
    "270°": _turned(cv2.ROTATE_90_COUNTERCLOCKWISE),
    "+3°": _skewed(3.0),
    "−3°": _skewed(-3.0),
    "+10°": _skewed(10.0),
    "−10°": _skewed(-10.0),
    "photographed": _photographed,
    "darkened": _darkened,
    "faded": _faded,
}
"""By name, what makes a page of one that is upright and clean."""
