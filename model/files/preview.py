"""A page's picture for people to look at: small, as JPEG."""

import cv2

from edgeocr.model.pixels import Picture

LONGEST_SIDE = 1600
"""In pixels: small print of a page of A4 can still be read."""
_QUALITY = 80


def preview(picture: Picture) -> bytes:
    """The picture as a JPEG file, with no side beyond `LONGEST_SIDE`.

    Beside the picture it takes less memory than finding its lines does.
    """
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    scale = LONGEST_SIDE / max(height, width)
    if scale < 1:
        sides = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, sides, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
