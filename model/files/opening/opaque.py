"""Converts pixels of any kind to opaque H×W×3 BGR: on white, or on black if the visible content is nearly white."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.files.headers.values import JPEG, Header
from edgeocr.model.files.opening.lab import from_lab
from edgeocr.model.files.opening.requests import Samples
from edgeocr.model.pixels import Pixels

_ROWS = 64
_SAMPLE_SIDE = 512
"""Maximum rows and columns of a sample for choosing the background."""
_LIGHT = 160
"""Brightness, 0–255, from which on visible content needs a dark background; few letters contrast equally with both."""
_LEAST_CLEAR_SHARE = 0.05
"""Minimum transparent fraction for which the background matters."""


def opaque_pixels(pixels: NDArray[np.integer], samples: Samples | None, header: Header) -> Pixels:
    """Converts decoded pixels of 8 or 16 bits, with or without alpha, to opaque 8-bit BGR.

    Args:
        pixels: H×W, or H×W×channels.
        samples: the meaning of the channels; None for OpenCV's.
        header: of their file, which defines how colours and alpha combine.
    """
    if samples is Samples.BGR:
        return np.asarray(pixels, np.uint8)
    if samples is Samples.GREY:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR), np.uint8)
    paper = _paper(pixels) if pixels.ndim == 3 and pixels.shape[2] == 4 and samples is not Samples.CMYK else 255
    opaque: Pixels = np.empty((*pixels.shape[:2], 3), np.uint8)
    # Some rows at a time, since intermediate values take several times the size of the result.
    for top in range(0, len(pixels), _ROWS):
        rows = pixels[top : top + _ROWS]
        match samples:
            case Samples.CMYK:
                opaque[top : top + _ROWS] = _from_cmyk(rows, header)
            case Samples.LAB:
                opaque[top : top + _ROWS] = from_lab(rows)
            case _:
                opaque[top : top + _ROWS] = _on_paper(rows, header, paper)
    return opaque


def _paper(pixels: NDArray[np.integer]) -> int:
    """The background brightness, 0 or 255, that contrasts with the visible part of H×W×4 pixels."""
    rows, columns = (max(1, side // _SAMPLE_SIDE) for side in pixels.shape[:2])
    sample = pixels[::rows, ::columns]
    if sample.dtype == np.uint16:
        sample = sample >> 8
    alpha = sample[:, :, 3].astype(np.float32) / 255
    if alpha.mean() > 1 - _LEAST_CLEAR_SHARE or not alpha.any():
        return 255
    brightness = float((sample[:, :, :3].mean(2) * alpha).sum() / alpha.sum())
    return 0 if brightness >= _LIGHT else 255


def _on_paper(pixels: NDArray[np.integer], header: Header, paper: int) -> NDArray[np.integer]:
    is_multiplied = header.is_multiplied and pixels.dtype == np.uint8
    if pixels.dtype == np.uint16:
        pixels = pixels >> 8
    if pixels.ndim == 2:
        return pixels[:, :, np.newaxis]
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.uint16)
    if is_multiplied:
        return np.asarray(np.minimum(pixels[:, :, :3] + (255 - alpha if paper else 0 * alpha), 255), np.uint8)
    seen = (pixels[:, :, :3] * alpha + (127 if header.rounds_alpha else 0)) // 255
    return seen + (255 - alpha) if paper else seen


def _from_cmyk(pixels: NDArray[np.integer], header: Header) -> NDArray[np.integer]:
    """Converts CMYK as libtiff does, or, for JPEG, as OpenCV does."""
    light, inks = 255 - pixels[:, :, 3:].astype(np.uint16), pixels[:, :, :3]
    found = light - (inks * light >> 8) if header.media_type == JPEG else (255 - inks) * light // 255
    return found[:, :, ::-1]
