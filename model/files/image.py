"""From images as sent to pixels: the header's size is checked against the limits before decoding.

Images are H×W×3 uint8 arrays, blue-green-red.
"""

import os
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.errors import InvalidInput, Limit, OutOfMemory, TooLarge, UnknownFormat
from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.header import MEDIA_TYPES, read_header
from edgeocr.model.files.headers.jpeg import is_whole_jpeg
from edgeocr.model.files.headers.values import JPEG, BadHeader, Header, UnreadKind
from edgeocr.model.files.opening.decoder import LOCAL, FileDecoder, opened
from edgeocr.model.files.opening.opaque import opaque_pixels
from edgeocr.model.files.opening.requests import DAMAGED, DecodedImage, DecodeImage
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.pixels import Picture, Pixels

_REDUCTIONS = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_MIRRORS = {2: 1, 3: -1, 4: 0, 5: None, 6: 1, 7: -1, 8: 0}
"""OpenCV's flip code for each orientation; images of orientations from 5 on are transposed first."""


class PixelFormat(StrEnum):
    """The format of raw pixels: one byte or three."""

    GREY8 = "grey8"
    BGR24 = "bgr24"
    RGB24 = "rgb24"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class EncodedImage:
    """An image file, and the index of a page in it."""

    data: Contents
    page: int = 0


@dataclass(frozen=True, slots=True)
class RawImage:
    """Raw pixels; `stride_bytes` 0 means packed rows."""

    data: bytes
    format: PixelFormat
    width: int
    height: int
    stride_bytes: int = 0

    @property
    def channels(self) -> int:
        """Bytes per pixel."""
        return 1 if self.format is PixelFormat.GREY8 else 3

    @property
    def row_stride(self) -> int:
        """Bytes from one row's start to the next."""
        return self.stride_bytes or self.width * self.channels


ImageSource = EncodedImage | RawImage


def inspect(source: ImageSource, mode: Mode, limits: Limits) -> Header:
    """Parses and checks an image's header; takes microseconds.

    Raises:
        InvalidInput: the source is empty, of unknown format, inconsistent, too small, or unsuitable for the mode.
        TooLarge: it exceeds a size limit.
    """
    check_bytes(source, limits)
    header = _raw_header(source) if isinstance(source, RawImage) else _header(source)
    check_type(header.media_type, limits)
    check_size(header, mode, limits)
    return header


def check_type(media_type: str, limits: Limits) -> None:
    """Raises UnknownFormat, as `inspect` does, if the media type is disabled; raw pixels have none."""
    if media_type and media_type not in limits.media_types:
        raise UnknownFormat(f"image.encoded: {media_type} is not read by this server (media_types)")


def check_bytes(source: ImageSource, limits: Limits) -> None:
    """Raises InvalidInput or TooLarge, as `inspect` does, if the data is empty or too large."""
    size_bytes = len(source.data)
    if size_bytes == 0:
        raise InvalidInput("image: is empty")
    if size_bytes > limits.image_bytes:
        raise TooLarge(
            f"image: {size_bytes} bytes, the limit is {limits.image_bytes} (image_bytes)",
            Limit("image_bytes", limits.image_bytes, size_bytes),
        )


def check_size(header: Header, mode: Mode, limits: Limits) -> None:
    """Raises InvalidInput or TooLarge, as `inspect` does, if the size is too small or too large."""
    width, height = header.width, header.height
    if min(width, height) < limits.min_side_pixels:
        raise InvalidInput(
            f"image: {width}×{height} pixels, each side must have at least {limits.min_side_pixels} (min_side_pixels)"
        )
    if width * height > limits.image_pixels:
        raise TooLarge(
            f"image: {width}×{height} pixels, the limit is {limits.image_pixels} (image_pixels)",
            Limit("image_pixels", limits.image_pixels, width * height),
        )
    if mode is Mode.LINE:
        _check_line(width, height, limits)


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


def _raw_header(raw: RawImage) -> Header:
    row_bytes, stride = raw.width * raw.channels, raw.row_stride
    if stride < row_bytes:
        raise InvalidInput(f"image.raw.stride_bytes: {stride} is less than a row of {row_bytes} bytes")
    least, most = stride * (raw.height - 1) + row_bytes, stride * raw.height
    if raw.width and raw.height and not least <= len(raw.data) <= most:
        raise InvalidInput(
            f"image.raw.data: {len(raw.data)} bytes, but {raw.width}×{raw.height} {raw.format.value} pixels "
            f"with a stride of {stride} bytes need {least} to {most}"
        )
    # Raw pixels that need no conversion are copied only if they must be changed.
    return Header(raw.width, raw.height, pixel_bytes=3.0)


def _header(image: EncodedImage) -> Header:
    try:
        header = read_header(image.data, image.page)
    except BadHeader:
        raise InvalidInput("image.encoded: the file is damaged or truncated, no size could be read from it") from None
    except UnreadKind as kind:
        raise InvalidInput(f"image.encoded: its pixels are of a kind that is not read ({kind})") from None
    if header is None:
        raise UnknownFormat(f"image.encoded: not a known image; known are {', '.join(MEDIA_TYPES)}, application/pdf")
    return header


def decode(source: ImageSource, reduction: int = 1, decoder: FileDecoder = LOCAL) -> Picture:
    """Decodes an image that passed `inspect` to H×W×3 BGR, with its orientation applied.

    Transparent pixels become white.

    Args:
        source: the image.
        reduction: the divisor of both sides: 1, or, if the header allows it, 2, 4 or 8.
        decoder: opens the file if its header does not bound the cost.

    Raises:
        InvalidInput: the data cannot be decoded, or its size differs from the header's.
        OutOfMemory: there is not enough memory.
    """
    if isinstance(source, RawImage):
        return Picture(_from_raw(source), source.width, source.height)
    header = _header(source)
    if header.media_type == JPEG and not is_whole_jpeg(source.data):
        raise InvalidInput(DAMAGED)
    across, down = -(-header.width // reduction), -(-header.height // reduction)
    expected = [across, down]
    if header.opens_apart:
        request = DecodeImage(header.media_type, across, down, reduction)
        decoded = decoder.decode(request, source.data, header.patches)
        assert isinstance(decoded.answer, DecodedImage)
        opaque = opaque_pixels(decoded.pixels, decoded.answer.samples, header)
        # Where they are others', these would be kept while the image is turned.
        del decoded
    else:
        opaque = _decoded_here(source.data, header, reduction, expected)
    if header.orientation > 1:
        opaque = _turned(opaque, header.orientation)
    height, width = opaque.shape[:2]
    sides = header.width, header.height
    if [width, height] != expected:
        sides = header.height, header.width
    return Picture(opaque, *sides, reduction)


def _decoded_here(data: Contents, header: Header, reduction: int, expected: list[int]) -> Pixels:
    flags = cv2.IMREAD_UNCHANGED if header.has_alpha else _REDUCTIONS[reduction]
    pixels = _decoded(data, flags)
    if pixels is None:
        raise InvalidInput(DAMAGED)
    height, width = pixels.shape[:2]
    if sorted((width, height)) != sorted(expected):
        raise InvalidInput("image.encoded: the file is damaged, its size differs from the header's")
    return opaque_pixels(pixels, None, header) if header.has_alpha else np.asarray(pixels, np.uint8)


def _decoded(data: Contents, flags: int) -> NDArray[np.integer] | None:
    """Decodes a file with OpenCV; None on failure.

    It receives a file rather than bytes, which it would decode into an internal array and then copy.
    """
    descriptor = opened(data)
    try:
        # With None as the target, OpenCV allocates the array in a form that Python takes without a copy.
        return cv2.imread(f"/proc/self/fd/{descriptor}", None, flags)
    except cv2.error as error:
        if error.code == cv2.Error.StsNoMem:
            raise OutOfMemory from None
        return None
    finally:
        os.close(descriptor)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    """Applies an Exif orientation, 2 to 8 (Exif 2.3, section 4.6.4)."""
    if orientation > 4:
        pixels = np.asarray(cv2.transpose(pixels), np.uint8)
    mirror = _MIRRORS[orientation]
    if mirror is not None:
        # In place, since a third image would exceed the memory plan.
        cv2.flip(pixels, mirror, dst=pixels)
    return pixels


def _from_raw(raw: RawImage) -> Pixels:
    strides = (raw.row_stride, raw.channels, 1)
    view: Pixels = np.ndarray((raw.height, raw.width, raw.channels), np.uint8, buffer=raw.data, strides=strides)
    if raw.format is PixelFormat.BGR24:
        return view
    conversion = cv2.COLOR_GRAY2BGR if raw.format is PixelFormat.GREY8 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(view, conversion), np.uint8)
