"""Conversion of image sources to the contract's Image.

Files and bytes are sent unchanged: the server detects their format. Arrays are sent as raw pixels with packed rows, or
as a PNG file if they have transparency. Arrays are accessed through the buffer protocol, and Pillow's images through
their methods, so that neither NumPy nor Pillow is required.
"""

import os
import struct
import zlib
from typing import TYPE_CHECKING, Any, Union, cast

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.sources import BinaryFile, ChannelOrder, PilImage, content_of, path_of, plain_image

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


ImageSource = Union[
    bytes, bytearray, memoryview, str, os.PathLike[str], BinaryFile, PilImage, "NDArray[np.uint8]", ocr_pb2.Image
]
"""An encoded file's bytes, its path, an open file, pixels, or an Image message."""

_COLOUR_FORMATS = {
    "BGR": ocr_pb2.PIXEL_FORMAT_BGR24,
    "RGB": ocr_pb2.PIXEL_FORMAT_RGB24,
}
_PNG_KINDS = {1: 0, 3: 2, 4: 6}
"""PNG's colour types by the number of channels (third edition, table 8)."""


def make_image(source: ImageSource, *, channel_order: ChannelOrder = "BGR") -> ocr_pb2.Image:
    """Makes an Image.

    An array is H×W or H×W×1 (grey), H×W×3 (colour) or H×W×4 (with transparency, which is shown on white), uint8, with
    any strides. `channel_order` does not apply to Pillow's images, whose channels are known.

    Raises:
        OSError: the file cannot be read.
        TypeError: the source or the array's elements have an unsupported type.
        ValueError: the array has an unsupported shape, the channel order is unknown, or a URL is given as text.
    """
    match source:
        case ocr_pb2.Image():
            return source
        case bytes():
            return ocr_pb2.Image(encoded=source)
        case bytearray() | memoryview():
            return ocr_pb2.Image(encoded=bytes(source))
        case str() | os.PathLike():
            return ocr_pb2.Image(encoded=path_of(source).read_bytes())
        case BinaryFile():
            return ocr_pb2.Image(encoded=content_of(source))
        case PilImage():
            return _of_pillow(source)
    try:
        pixels = memoryview(cast("Any", source))
    except TypeError:
        raise TypeError(
            "an image must be bytes, a path, an open file, a Pillow image, an array or an ocr_pb2.Image, "
            f"got {type(source).__name__}"
        ) from None
    return _of_pixels(pixels, channel_order)


def _of_pillow(image: PilImage) -> ocr_pb2.Image:
    image = plain_image(image)
    width, height = image.size
    pixels = image.tobytes()
    if image.mode == "RGBA":
        return _as_file(pixels, width, height, channels=4)
    pixel_format = ocr_pb2.PIXEL_FORMAT_GREY8 if image.mode == "L" else ocr_pb2.PIXEL_FORMAT_RGB24
    raw = ocr_pb2.RawPixels(data=pixels, format=pixel_format, width_pixels=width, height_pixels=height)
    return ocr_pb2.Image(raw=raw)


def _of_pixels(pixels: memoryview, channel_order: str) -> ocr_pb2.Image:
    if pixels.format != "B":
        raise TypeError(f"pixels must be uint8, got the format {pixels.format!r}")
    if channel_order not in _COLOUR_FORMATS:
        raise ValueError(f"channel_order must be one of {', '.join(_COLOUR_FORMATS)}, got {channel_order!r}")
    shape = pixels.shape or ()
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in (1, 3, 4):
        raise ValueError(
            f"pixels must be height × width, or that × 1, 3 or 4 channels, got {' × '.join(map(str, shape))}"
        )
    height, width = shape[:2]
    # tobytes packs the rows regardless of strides, so that a crop does not include its surroundings.
    data = pixels.tobytes()
    if channels == 4:
        return _as_file(_swapped(data, 4) if channel_order == "BGR" else data, width, height, channels)
    pixel_format = _COLOUR_FORMATS[channel_order] if channels == 3 else ocr_pb2.PIXEL_FORMAT_GREY8
    raw = ocr_pb2.RawPixels(data=data, format=pixel_format, width_pixels=width, height_pixels=height)
    return ocr_pb2.Image(raw=raw)


def as_png(image: ocr_pb2.Image) -> ocr_pb2.Image:
    """Converts raw pixels to a PNG file: the same pixels in fewer bytes.

    Raises:
        ValueError: there are fewer pixels than its size requires.
    """
    raw = image.raw
    channels = 1 if raw.format == ocr_pb2.PIXEL_FORMAT_GREY8 else 3
    row_bytes = raw.width_pixels * channels
    stride_bytes = raw.stride_bytes or row_bytes
    if stride_bytes < row_bytes or len(raw.data) < stride_bytes * (raw.height_pixels - 1) + row_bytes:
        raise ValueError("there are fewer pixels than the image's size requires")
    data = raw.data
    if stride_bytes > row_bytes:
        begins = range(0, raw.height_pixels * stride_bytes, stride_bytes)
        data = b"".join(data[begin : begin + row_bytes] for begin in begins)
    if raw.format == ocr_pb2.PIXEL_FORMAT_BGR24:
        data = _swapped(data, 3)
    return _as_file(data, raw.width_pixels, raw.height_pixels, channels)


def _swapped(data: bytes, channels: int) -> bytes:
    """Pixels with their first and third channels swapped."""
    swapped = bytearray(data)
    swapped[0::channels], swapped[2::channels] = swapped[2::channels], swapped[0::channels]
    return bytes(swapped)


def _as_file(data: bytes, width: int, height: int, channels: int) -> ocr_pb2.Image:
    """Packed pixels (grey or RGB order) as a PNG file."""
    compressor = zlib.compressobj(1)
    row_bytes = width * channels
    parts = []
    for begin in range(0, height * row_bytes, row_bytes):
        # Each row begins with its filter type; 0 is none.
        parts += [compressor.compress(b"\0"), compressor.compress(data[begin : begin + row_bytes])]
    header = struct.pack(">IIBBBBB", width, height, 8, _PNG_KINDS[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(parts) + compressor.flush()), (b"IEND", b""))
    return ocr_pb2.Image(encoded=b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum (PNG, third edition, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
