"""Contrast enhancement for dark or faint pages.

The tone curve is estimated from a sample of the page's pixels and applied to the networks' input; the page itself is
not changed. A page with a wide range of brightness, like any clean one, needs no curve.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.pixels import Pixels, every
from edgeocr.results.document import Enhancement

_SAMPLE_SIDE = 512
"""Maximum rows and columns of a sample, enough to meet strokes on a page of few words."""
_STRAY_SHARE = 0.001
"""Fractions of a page that may be darker than its text or brighter than its paper."""
_FULL_RANGE = 128
"""Difference of brightness, 0–255, between text and paper of a good page."""
_EMPTY_RANGE = 12
"""A page with a smaller difference contains only noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """A tone curve for a page's pixels.

    Attributes:
        table: lookup table of values, 0–255; None for no change.
    """

    table: NDArray[np.uint8] | None = None

    @property
    def enhancements(self) -> tuple[Enhancement, ...]:
        """The enhancements that the curve amounts to."""
        return () if self.table is None else (Enhancement.CONTRAST,)

    def apply(self, pixels: Pixels) -> Pixels:
        """Applies the curve in place; returns the pixels."""
        return pixels if self.table is None else np.asarray(cv2.LUT(pixels, self.table, dst=pixels), np.uint8)


AS_IT_IS = Tone()


def needed(page: Pixels) -> Tone:
    """The tone curve that an H×W×3 BGR page needs."""
    rows, columns = (max(1, side // _SAMPLE_SIDE) for side in page.shape[:2])
    grey = cv2.cvtColor(every(page, rows, columns), cv2.COLOR_BGR2GRAY)
    shares = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    darkest, brightest = np.searchsorted(shares, (_STRAY_SHARE, 1 - _STRAY_SHARE)).tolist()
    if not _EMPTY_RANGE <= brightest - darkest < _FULL_RANGE:
        return AS_IT_IS
    stretched = (np.arange(256) - darkest) * (255 / (brightest - darkest))
    return Tone(np.clip(np.rint(stretched), 0, 255).astype(np.uint8))
