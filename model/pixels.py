"""Decoded pixels and pictures: H×W×3 uint8 arrays, blue-green-red."""

from dataclasses import dataclass

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
