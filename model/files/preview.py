"""Page previews for people, as JPEG."""

import cv2

from edgeocr.model.pixels import Picture

LONGEST_SIDE = 1600
"""Default maximum side in pixels, at which small print of an A4 page is legible."""
MOST_SIDE = 8192
"""Largest maximum side in pixels, for callers that read a part of it again."""
_QUALITY = 80


def preview(picture: Picture, longest_side: int = LONGEST_SIDE) -> bytes:
    """The picture as a JPEG file, with sides of at most `longest_side`."""
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    scale = longest_side / max(height, width)
    if scale < 1:
        sides = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def preview_bytes(picture: Picture, longest_side: int) -> int:
    """The maximum memory for making a preview of this size, in addition to the picture."""
    height, width = picture.pixels.shape[:2]
    scale = min(1.0, longest_side / max(height, width))
    # Even noise compresses to less than one byte per pixel, which is copied once.
    pixel_bytes = 2 if scale == 1 else 5
    return int(pixel_bytes * height * width * scale**2)
