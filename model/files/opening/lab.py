"""Converts CIELab to RGB as libtiff does: with the white point D50, without adaptation to D65."""

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.pixels import Pixels

_WHITE = np.array([96.425, 100.0, 82.468], np.float32)
"""The white point D50 in X, Y and Z."""
_LINEAR_UNTIL, _LINEAR, _OFFSET = 0.2069, 7.787, 0.13793
_RED_GREEN_BLUE = np.array(
    [[3.2410, -1.5374, -0.4986], [-0.9692, 1.8760, 0.0416], [0.0556, -0.2040, 1.0570]], np.float32
)
"""The matrix from X, Y and Z to linear sRGB (IEC 61966-2-1)."""
_BLACK, _LIGHTEST, _STEPS, _GAMMA = 1.0, 100.0, 1500, 2.4
_SCREEN = np.rint(255 * (np.arange(_STEPS + 1, dtype=np.float32) / _STEPS) ** np.float32(1 / _GAMMA)).astype(np.uint8)
"""Lookup table of sRGB values for linear light."""


def from_lab(pixels: NDArray[np.integer]) -> Pixels:
    """Converts H×W×3 bytes L*, a*, b* as stored in TIFF, the latter two signed (TIFF 6.0, section 23), to BGR."""
    stored = np.asarray(pixels, np.uint8)
    lightness = stored[:, :, 0].astype(np.float32) * np.float32(257 * 100 / 65535)
    red_green, yellow_blue = (stored[:, :, place].view(np.int8).astype(np.float32) for place in (1, 2))
    is_dark = lightness < 8.856
    height = np.where(is_dark, lightness * np.float32(_LINEAR / 903.292) + 16 / 116, (lightness + 16) / 116)
    light = np.stack(
        [
            _cubed(red_green / 500 + height) * _WHITE[0],
            np.where(is_dark, lightness * _WHITE[1] / np.float32(903.292), _WHITE[1] * height**3),
            _cubed(height - yellow_blue / 200) * _WHITE[2],
        ],
        axis=2,
    ).astype(np.float32)
    colours = np.clip(light @ _RED_GREEN_BLUE.T, _BLACK, _LIGHTEST)
    steps = ((colours - _BLACK) * np.float32(_STEPS / (_LIGHTEST - _BLACK))).astype(np.int32)
    return np.asarray(_SCREEN[np.minimum(steps, _STEPS)][:, :, ::-1], np.uint8)


def _cubed(values: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.where(values < _LINEAR_UNTIL, (values - _OFFSET) / _LINEAR, values**3)
