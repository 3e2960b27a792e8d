"""Conversion of image sources to the contract's Image.

Files and bytes travel as they are: the server finds their format. Arrays travel as raw pixels, rows packed; they are
taken through the buffer protocol, so that NumPy need not be installed.
"""

import os
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, cast

from edgeocr.proto.edgeocr.v1 import ocr_pb2

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ImageSource = Union[bytes, bytearray, memoryview, str, os.PathLike[str], "NDArray[np.uint8]", ocr_pb2.Image]
"""An encoded file's bytes, the path of such a file, pixels, or an Image that was made before."""

ChannelOrder = Literal["BGR", "RGB"]

_COLOUR_FORMATS = {
    "BGR": ocr_pb2.PIXEL_FORMAT_BGR24,
    "RGB": ocr_pb2.PIXEL_FORMAT_RGB24,
}
_PNG_GREY, _PNG_RGB = 0, 2


def make_image(source: ImageSource, *, channel_order: ChannelOrder = "BGR") -> ocr_pb2.Image:
    """Makes an Image.

    An array is H×W (grey) or H×W×3 (colour, its channels in `channel_order`), uint8, with any strides.

    Raises:
        OSError: the file cannot be read.
        TypeError: the source is of another type, or the array's elements are.
        ValueError: the array has another shape, or the channel order is unknown.
    """
    if isinstance(source, ocr_pb2.Image):
        return source
    if isinstance(source, bytes):
        return ocr_pb2.Image(encoded=source)
    if isinstance(source, bytearray | memoryview):
        return ocr_pb2.Image(encoded=bytes(source))
    if isinstance(source, str | os.PathLike):
        return ocr_pb2.Image(encoded=Path(source).read_bytes())
    try:
        pixels = memoryview(cast("Any", source))
    except TypeError:
        raise TypeError(
            f"an image must be bytes, a path, an array or an ocr_pb2.Image, got {type(source).__name__}"
        ) from None
    return ocr_pb2.Image(raw=_make_raw(pixels, channel_order))


def _make_raw(pixels: memoryview, channel_order: str) -> ocr_pb2.RawPixels:
    if pixels.format != "B":
        raise TypeError(f"pixels must be uint8, got the format {pixels.format!r}")
    if channel_order not in _COLOUR_FORMATS:
        raise ValueError(f"channel_order must be one of {', '.join(_COLOUR_FORMATS)}, got {channel_order!r}")
    shape = pixels.shape or ()
    if len(shape) == 2:
        pixel_format = ocr_pb2.PIXEL_FORMAT_GREY8
    elif len(shape) == 3 and shape[2] == 3:
        pixel_format = _COLOUR_FORMATS[channel_order]
    else:
        raise ValueError(f"pixels must be height × width or height × width × 3, got {' × '.join(map(str, shape))}")
    # tobytes packs the rows whatever the strides, so that a crop does not carry its surroundings along.
    return ocr_pb2.RawPixels(data=pixels.tobytes(), format=pixel_format, width_pixels=shape[1], height_pixels=shape[0])


def as_png(image: ocr_pb2.Image) -> ocr_pb2.Image:
    """An Image of raw pixels as a PNG file: the same pixels in fewer bytes.

    Raises:
        ValueError: it has fewer pixels than its size says.
    """
    raw = image.raw
    channels = 1 if raw.format == ocr_pb2.PIXEL_FORMAT_GREY8 else 3
    row_bytes = raw.width_pixels * channels
    stride_bytes = raw.stride_bytes or row_bytes
    if stride_bytes < row_bytes or len(raw.data) < stride_bytes * (raw.height_pixels - 1) + row_bytes:
        raise ValueError("there are fewer pixels than the image's size says")
    compressor = zlib.compressobj(1)
    parts = []
    for begin in range(0, raw.height_pixels * stride_bytes, stride_bytes):
        row = bytearray(raw.data[begin : begin + row_bytes])
        if raw.format == ocr_pb2.PIXEL_FORMAT_BGR24:
            row[0::3], row[2::3] = row[2::3], row[0::3]
        # Each row begins with its filter, here none.
        parts += [compressor.compress(b"\0"), compressor.compress(row)]
    colour = _PNG_GREY if channels == 1 else _PNG_RGB
    header = struct.pack(">IIBBBBB", raw.width_pixels, raw.height_pixels, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", b"".join(parts) + compressor.flush()), (b"IEND", b""))
    return ocr_pb2.Image(encoded=b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks))


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk with its length and checksum (PNG, third edition, section 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
