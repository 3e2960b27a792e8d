"""Pixels of any kind as opaque ones on white, H×W×3 BGR."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.files.headers.values import JPEG, Header
from edgeocr.model.files.opening.requests import Samples
from edgeocr.model.pixels import Pixels

_ROWS = 64


def opaque_pixels(pixels: NDArray[np.integer], samples: Samples | None, header: Header) -> Pixels:
    """Pixels as they were decoded, of 8 or 16 bits, with alpha or after all without, as opaque 8-bit BGR.

    Args:
        pixels: H×W, or H×W×channels.
        samples: what the channels are; None for whatever OpenCV gives.
        header: of their file, which says how colours and alpha go together.
    """
    if samples is Samples.BGR:
        return np.asarray(pixels, np.uint8)
    if samples is Samples.GREY:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    opaque: Pixels = np.empty((*pixels.shape[:2], 3), np.uint8)
    # Some rows at a time, since what comes between takes several times as much as the result.
    for top in range(0, len(pixels), _ROWS):
        rows = pixels[top : top + _ROWS]
        opaque[top : top + _ROWS] = _from_cmyk(rows, header) if samples is Samples.CMYK else _on_white(rows, header)
    return opaque


def _on_white(pixels: NDArray[np.integer], header: Header) -> NDArray[np.integer]:
    is_multiplied = header.is_multiplied and pixels.dtype == np.uint8
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    if pixels.ndim == 2:
        return pixels[:, :, np.newaxis]
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    if is_multiplied:
        return np.asarray(np.minimum(pixels[:, :, :3] + (255 - alpha), 255), np.uint8)
    return (pixels[:, :, :3] * alpha + (127 if header.rounds_alpha else 0)) // 255 + (255 - alpha)


def _from_cmyk(pixels: NDArray[np.integer], header: Header) -> NDArray[np.integer]:
    """As libtiff has it, or for JPEG as OpenCV has it."""
    light, inks = 255 - pixels[:, :, 3:].astype(np.uint16), pixels[:, :, :3]
    found = light - (inks * light >> 8) if header.media_type == JPEG else (255 - inks) * light // 255
    return found[:, :, ::-1]
