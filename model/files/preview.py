"""A page's picture for people to look at, as JPEG."""

import cv2

from edgeocr.model.pixels import Picture

LONGEST_SIDE = 1600
"""In pixels, by default: small print of a page of A4 can still be read."""
MOST_SIDE = 8192
"""In pixels, for callers who read a part of it again."""
_QUALITY = 80


def preview(picture: Picture, longest_side: int = LONGEST_SIDE) -> bytes:
    """The picture as a JPEG file, with no side beyond `longest_side`."""
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    scale = longest_side / max(height, width)
    if scale < 1:
        sides = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def preview_bytes(picture: Picture, longest_side: int) -> int:
    """The most memory that making it so large takes, beside the picture."""
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, longest_side / max(height, width))
    # Noise is compressed to less than a byte a pixel, which is copied once.
    pixel_bytes = 2 if scale == 1 else 5
    return int(pixel_bytes * height * width * scale**2)
