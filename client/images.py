"""Whatever holds an image, turned into the contract's Image.

Files and bytes travel as they are: the server finds their format. Arrays travel as raw pixels, rows packed.
"""

import os
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.proto.edgeocr.v1 import ocr_pb2

ImageSource = bytes | bytearray | memoryview | str | os.PathLike[str] | NDArray[np.uint8] | ocr_pb2.Image
"""An encoded file's bytes, the path of such a file, pixels, or an Image that was made before."""

ChannelOrder = Literal["BGR", "RGB"]

_COLOUR_FORMATS = {
    "BGR": ocr_pb2.PIXEL_FORMAT_BGR24,
    "RGB": ocr_pb2.PIXEL_FORMAT_RGB24,
}


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
    if isinstance(source, np.ndarray):
        return ocr_pb2.Image(raw=_make_raw(source, channel_order))
    raise TypeError(f"an image is bytes, a path, a numpy array or an ocr_pb2.Image, not {type(source).__name__}")


def _make_raw(pixels: NDArray[np.uint8], channel_order: str) -> ocr_pb2.RawPixels:
    if pixels.dtype != np.uint8:
        raise TypeError(f"pixels are uint8, not {pixels.dtype}")
    if channel_order not in _COLOUR_FORMATS:
        raise ValueError(f"channel_order is one of {', '.join(_COLOUR_FORMATS)}, not {channel_order!r}")
    if pixels.ndim == 2:
        pixel_format = ocr_pb2.PIXEL_FORMAT_GREY8
    elif pixels.ndim == 3 and pixels.shape[2] == 3:
        pixel_format = _COLOUR_FORMATS[channel_order]
    else:
        raise ValueError(f"pixels are height × width or height × width × 3, not {' × '.join(map(str, pixels.shape))}")
    height, width = pixels.shape[:2]
    # tobytes packs the rows whatever the strides, so that a crop does not carry its surroundings along.
    return ocr_pb2.RawPixels(data=pixels.tobytes(), format=pixel_format, width_pixels=width, height_pixels=height)


def as_png(image: ocr_pb2.Image) -> ocr_pb2.Image:
    """An Image of raw pixels as a PNG file, which holds the same ones in fewer bytes.

    Raises:
        ValueError: it has fewer pixels than its size says.
    """
    raw = image.raw
    channels = 1 if raw.format == ocr_pb2.PIXEL_FORMAT_GREY8 else 3
    row_bytes = raw.width_pixels * channels
    stride_bytes = raw.stride_bytes or row_bytes
    if stride_bytes < row_bytes or len(raw.data) < stride_bytes * (raw.height_pixels - 1) + row_bytes:
        raise ValueError("there are fewer pixels than the image's size says")
    rows = np.lib.stride_tricks.as_strided(
        np.frombuffer(raw.data, np.uint8), (raw.height_pixels, row_bytes), (stride_bytes, 1), writeable=False
    )
    pixels = rows.reshape(raw.height_pixels, raw.width_pixels, channels)
    if raw.format == ocr_pb2.PIXEL_FORMAT_RGB24:
        pixels = pixels[:, :, ::-1]
    return ocr_pb2.Image(encoded=cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
