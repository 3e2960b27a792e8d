"""From what a client sent to pixels: first the size from the header, against the limits, and only then decoding.

Images are H×W×3 uint8 arrays, blue-green-red.
"""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import cv2
import imagesize
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.errors import InvalidInput, TooLarge
from edgeocr.model.limits import Limits

Pixels = NDArray[np.uint8]


class Mode(StrEnum):
    """A page, whose lines are detected, or one line that fills the image."""

    PAGE = "page"
    LINE = "line"


class PixelFormat(StrEnum):
    """How a raw pixel is stored: one byte, or three."""

    GREY8 = "grey8"
    BGR24 = "bgr24"
    RGB24 = "rgb24"


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image file's bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class RawImage:
    """Pixels as they are; `stride_bytes` 0 means rows without a gap."""

    data: bytes
    format: PixelFormat
    width: int
    height: int
    stride_bytes: int = 0


ImageSource = EncodedImage | RawImage

MEDIA_TYPES: dict[str, Callable[[bytes], bool]] = {
    "image/jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "image/png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    "image/webp": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    "image/bmp": lambda head: head.startswith(b"BM"),
    "image/tiff": lambda head: head[:4] in (b"II*\0", b"MM\0*"),
}
"""The encoded formats that are read, each with the test of a file's first bytes."""


def inspect(source: ImageSource, mode: Mode, limits: Limits) -> tuple[int, int]:
    """Width and height in pixels, read from the header alone; costs microseconds.

    Raises:
        InvalidInput: the source is empty, no known image, ill-declared, too small, or unfit for the mode.
        TooLarge: it is beyond a size limit.
    """
    size_bytes = len(source.data)
    if size_bytes == 0:
        raise InvalidInput("image: is empty")
    if size_bytes > limits.image_bytes:
        raise TooLarge(f"image: {size_bytes} bytes, the limit is {limits.image_bytes} (image_bytes)")
    width, height = _raw_size(source) if isinstance(source, RawImage) else _encoded_size(source.data)
    if min(width, height) < limits.min_side_pixels:
        raise InvalidInput(
            f"image: {width}×{height} pixels, each side must have at least {limits.min_side_pixels} (min_side_pixels)"
        )
    if width * height > limits.image_pixels:
        raise TooLarge(f"image: {width}×{height} pixels, the limit is {limits.image_pixels} (image_pixels)")
    if mode is Mode.LINE:
        _check_line(width, height, limits)
    return width, height


def _check_line(width: int, height: int, limits: Limits) -> None:
    if height > limits.line_height_pixels:
        raise InvalidInput(
            f"image: {height} pixels high, a line may have {limits.line_height_pixels} (line_height_pixels); "
            "crop it to the line, or read it as a page"
        )
    if width > height * limits.line_aspect_ratio:
        raise InvalidInput(
            f"image: {width}×{height} pixels, a line's width ÷ height may be {limits.line_aspect_ratio:g} "
            "(line_aspect_ratio); cut it, or read it as a page"
        )


def _raw_size(raw: RawImage) -> tuple[int, int]:
    row_bytes = raw.width * (1 if raw.format is PixelFormat.GREY8 else 3)
    stride = raw.stride_bytes or row_bytes
    if stride < row_bytes:
        raise InvalidInput(f"image.raw.stride_bytes: {stride} is less than a row of {row_bytes} bytes")
    least, most = stride * (raw.height - 1) + row_bytes, stride * raw.height
    if raw.width and raw.height and not least <= len(raw.data) <= most:
        raise InvalidInput(
            f"image.raw.data: {len(raw.data)} bytes, but {raw.width}×{raw.height} {raw.format.value} pixels "
            f"with a stride of {stride} bytes need {least} to {most}"
        )
    return raw.width, raw.height


def _encoded_size(data: bytes) -> tuple[int, int]:
    if not any(matches(data[:16]) for matches in MEDIA_TYPES.values()):
        raise InvalidInput(f"image.encoded: not a known image; known are {', '.join(MEDIA_TYPES)}")
    try:
        width, height = imagesize.get(io.BytesIO(data))
    except (ValueError, struct.error, IndexError, KeyError, OverflowError):
        width, height = -1, -1
    if width < 0 or height < 0:
        raise InvalidInput("image.encoded: the header is damaged or cut off, no size could be read from it")
    return int(width), int(height)


def decode(source: ImageSource, limits: Limits) -> Pixels:
    """The image's pixels, H×W×3 BGR, turned as its EXIF orientation says.

    Raises:
        InvalidInput: the data cannot be decoded.
        TooLarge: it decodes to more pixels than its header declared and the limits allow.
    """
    if isinstance(source, RawImage):
        return _from_raw(source)
    try:
        pixels = cv2.imdecode(np.frombuffer(source.data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise InvalidInput("image.encoded: the data is damaged or cut off, it could not be decoded")
    if pixels.shape[0] * pixels.shape[1] > limits.image_pixels:
        raise TooLarge(f"image: more pixels than declared, the limit is {limits.image_pixels} (image_pixels)")
    return np.asarray(pixels, np.uint8)


def _from_raw(raw: RawImage) -> Pixels:
    channels = 1 if raw.format is PixelFormat.GREY8 else 3
    stride = raw.stride_bytes or raw.width * channels
    view: Pixels = np.ndarray(
        (raw.height, raw.width, channels), np.uint8, buffer=raw.data, strides=(stride, channels, 1)
    )
    if raw.format is PixelFormat.BGR24:
        return view
    conversion = cv2.COLOR_GRAY2BGR if raw.format is PixelFormat.GREY8 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(view, conversion), np.uint8)
