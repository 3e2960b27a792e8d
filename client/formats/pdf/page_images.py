"""Pages of image files as JPEG, as displayed."""

import cv2
import grpc
import numpy as np
from numpy.typing import NDArray

from edgeocr.client.errors import OcrError

_JPEG = b"\xff\xd8\xff"
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_QUALITY = 90


def as_jpeg(data: bytes, index: int, width: int, height: int, *, only_rgb: bool = False) -> bytes:
    """The page at an index, width × height pixels as displayed: upright, at full size, with transparency on white.

    An upright JPEG file is returned unchanged; with `only_rgb`, only if it is not CMYK.

    Raises:
        OcrError: it cannot be decoded.
    """
    if data.startswith(_JPEG) and _is_upright(data) and not (only_rgb and _has_inks(data)):
        return data
    pixels = _decoded(data, index)
    if pixels.shape[:2] != (height, width):
        # With transparency, OpenCV ignores the orientation tag; sides that differ show that the image must be turned.
        turned = _array(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))
        pixels = turned if turned.shape[:2] == (height, width) else pixels
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()


def _is_upright(data: bytes) -> bool:
    """Whether a JPEG's orientation tag leaves it unchanged."""
    encoded = np.frombuffer(data, np.uint8)
    small = cv2.IMREAD_REDUCED_GRAYSCALE_8
    return np.array_equal(
        _array(cv2.imdecode(encoded, small)), _array(cv2.imdecode(encoded, small | cv2.IMREAD_IGNORE_ORIENTATION))
    )


def _has_inks(data: bytes) -> bool:
    """Whether a JPEG has four channels, according to its frame header (ITU-T T.81, B.2.2)."""
    place = 2
    while place + 9 < len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return data[place + 9] == 4
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return False


def _decoded(data: bytes, index: int) -> NDArray[np.uint8]:
    """The page as H×W×3 BGR, with transparency on white."""
    encoded = np.frombuffer(data, np.uint8)
    if data.startswith(_TIFF):
        _, pages = cv2.imdecodemulti(encoded, cv2.IMREAD_COLOR)
        return _array(pages[index] if index < len(pages) else None)
    if data.startswith(_JPEG):
        return _array(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    pixels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.ndim < 3 or pixels.shape[2] != 4:
        return _array(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    most = np.iinfo(pixels.dtype).max
    alpha = pixels[:, :, 3:].astype(np.float32) / most
    return np.asarray(255 * (1 - alpha) + pixels[:, :, :3] * (255 / most) * alpha, np.uint8)


def _array(pixels: object) -> NDArray[np.uint8]:
    if pixels is None:
        raise OcrError(grpc.StatusCode.INVALID_ARGUMENT, "the image cannot be put into a PDF: it cannot be decoded")
    return np.asarray(pixels, np.uint8)
