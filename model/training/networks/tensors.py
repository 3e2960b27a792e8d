"""Converts lines to a network's input, and classes to text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.recognition.scaling import scaled_line
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS

MIN_WIDTH_PIXELS = 96
WIDTH_STEP_PIXELS = 32
PAD = 127
"""The pixel value nearest to 0 once normalised."""

Image = NDArray[np.uint8]


def padded_width(width_pixels: int) -> int:
    """Round a width up to its bucket: at least 96, a multiple of 32 pixels."""
    return max(MIN_WIDTH_PIXELS, -(-width_pixels // WIDTH_STEP_PIXELS) * WIDTH_STEP_PIXELS)


def resized(image: Image, height_pixels: int = HEIGHT_PIXELS) -> Image:
    """Scale H×W×3 BGR to the network's height as the server does, keeping proportions."""
    height, width = image.shape[:2]
    scaled = max(8, round(width * height_pixels / height))
    return scaled_line(image, scaled, height_pixels)


def to_pixels(images: Sequence[Image]) -> NDArray[np.uint8]:
    """Stack 48-pixel lines into N×48×W×3 uint8, padded on the right with grey to the widest one's bucket."""
    width_pixels = padded_width(max(image.shape[1] for image in images))
    batch = np.full((len(images), images[0].shape[0], width_pixels, 3), PAD, np.uint8)
    for row, image in zip(batch, images, strict=True):
        row[:, : image.shape[1]] = image
    return batch


def to_input(images: Sequence[Image], width_pixels: int = 0) -> NDArray[np.float32]:
    """Stack 48-pixel lines into N×3×48×W float32, -1…1, padded on the right with zeros.

    Args:
        images: H×W×3 uint8 BGR of equal height.
        width_pixels: width to pad to; 0 takes the widest image's bucket.
    """
    width_pixels = width_pixels or padded_width(max(image.shape[1] for image in images))
    batch = np.zeros((len(images), 3, images[0].shape[0], width_pixels), np.float32)
    for row, image in zip(batch, images, strict=True):
        row[:, :, : image.shape[1]] = image.transpose(2, 0, 1) * (2 / 255) - 1
    return batch


def decode(classes: NDArray[np.integer], charset: Sequence[str]) -> list[str]:
    """Read the best path: repeats merged, blanks (class 0) dropped (Graves et al. 2006).

    Args:
        classes: N×T class indices.
        charset: characters of classes 1, 2, …
    """
    texts = []
    for row in classes:
        kept = np.append(True, row[1:] != row[:-1]) & (row != 0)
        texts.append("".join(charset[int(index) - 1] for index in row[kept]))
    return texts
