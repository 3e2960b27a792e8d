"""Contrast for pages that are dark or faint.

What a page needs is estimated from a sample of its pixels, and applied to the networks' input: the page itself stays
as it is. A page whose darkest and brightest are far apart, as any clean one's are, is left alone.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.options import Enhancement
from edgeocr.model.pixels import Pixels

_SAMPLE_SIDE = 512
"""Most rows and columns of a sample: enough of them meet a stroke on a page of few words."""
_STRAY_SHARE = 0.001
"""So much of a page may be darker or brighter than its text and paper."""
_FULL_RANGE = 128
"""Brightness, 0–255, that text and paper of a good page are apart."""
_EMPTY_RANGE = 12
"""A page with less holds nothing but noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """How the brightness of a page's pixels is changed.

    Attributes:
        table: what becomes of each value, 0–255; None if nothing changes.
    """

    table: NDArray[np.uint8] | None = None

    @property
    def enhancements(self) -> tuple[Enhancement, ...]:
        """What that amounts to."""
        return () if self.table is None else (Enhancement.CONTRAST,)

    def apply(self, pixels: Pixels) -> Pixels:
        """The pixels, changed in place where anything changes."""
        return pixels if self.table is None else np.asarray(cv2.LUT(pixels, self.table, dst=pixels), np.uint8)


AS_IT_IS = Tone()


def needed(page: Pixels) -> Tone:
    """What an H×W×3 BGR page needs."""
    rows, columns = (max(1, side // _SAMPLE_SIDE) for side in page.shape[:2])
    grey = cv2.cvtColor(np.ascontiguousarray(page[::rows, ::columns]), cv2.COLOR_BGR2GRAY)
    shares = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    darkest, brightest = np.searchsorted(shares, (_STRAY_SHARE, 1 - _STRAY_SHARE)).tolist()
    if not _EMPTY_RANGE <= brightest - darkest < _FULL_RANGE:
        return AS_IT_IS
    stretched = (np.arange(256) - darkest) * (255 / (brightest - darkest))
    return Tone(np.clip(np.rint(stretched), 0, 255).astype(np.uint8))
