"""Decoded pixels and pictures: H×W×3 uint8 arrays, blue-green-red."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image; `width` and `height` are those of the image as sent, while the pixels may be reduced."""

    pixels: Pixels
    width: int
    height: int
    reduction: int = 1


def every(page: Pixels, rows: int, columns: int) -> Pixels:
    """Every so many rows and columns of an H×W×3 page: by channel, which takes a fifth of the time of whole pixels."""
    return np.asarray(
        cv2.merge([np.ascontiguousarray(page[::rows, ::columns, channel]) for channel in range(3)]), np.uint8
    )
