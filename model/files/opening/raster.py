"""Decodes image files with Pillow, for formats whose headers bound neither memory nor time of decoding.

This is imported by decoder processes, and loads neither NumPy nor ONNX Runtime. The output is that of libtiff, libwebp,
libjpeg and the GIF decoder, in the file's colour space: the caller converts it.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.headers import tiff
from edgeocr.model.files.headers.values import HEIC, WEBP
from edgeocr.model.files.opening import heif, webp
from edgeocr.model.files.opening.requests import DAMAGED, DecodedImage, DecodeImage, Samples

_FORMATS: dict[str, Any] = {
    "image/avif": AvifImagePlugin.AvifImageFile,
    "image/bmp": BmpImagePlugin.BmpImageFile,
    "image/gif": GifImagePlugin.GifImageFile,
    "image/jp2": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "image/jpeg": JpegImagePlugin.JpegImageFile,
    "image/tiff": TiffImagePlugin.TiffImageFile,
    "image/webp": WebPImagePlugin.WebPImageFile,
    "image/vnd.microsoft.icon": IcoImagePlugin.IcoImageFile,
    "image/x-portable-anymap": PpmImagePlugin.PpmImageFile,
}
MEDIA_TYPES = frozenset((*_FORMATS, HEIC))
"""The formats decoded here."""
_STRIP_ROWS = 64
_GREY_AND_ALPHA = 16, 16
"""Bits of their samples."""
_NEGATIVE = bytes(range(255, -1, -1))
_DEEP_GREY = ("I;16", "I;16L", "I;16B", "I;16N")
for _order in (b"II", b"MM"):
    # As Pillow maps the same layout that is not inverted.
    TiffImagePlugin.OPEN_INFO[_order, 0, (1,), 1, (12,), ()] = "I;16", "I;12"
    for _extra in range(3):
        # 16-bit grey with alpha, which Pillow has no mode for: four bytes are passed through.
        TiffImagePlugin.OPEN_INFO[_order, 1, (1,), 1, _GREY_AND_ALPHA, (_extra,)] = "RGBA", "RGBA"
# The caller's limits apply, which are checked before a file is opened.
Image.MAX_IMAGE_PIXELS = None
# Decoder processes cannot start threads.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


def decode(descriptor: int, request: DecodeImage, pixels: memoryview) -> DecodedImage:
    """Decodes the first image of a file into memory.

    Args:
        descriptor: of the file.
        request: the file's properties, and the maximum output size.
        pixels: the memory for the rows.

    Raises:
        InvalidInput: the file is damaged, or of an unsupported kind.
        MemoryError: there is not enough memory.
    """
    if request.media_type == HEIC:
        return heif.decode(descriptor, request, pixels)
    if request.media_type == WEBP and not webp.is_animation(os.pread(descriptor, webp.HEAD_BYTES, 0)):
        return webp.decode(descriptor, request, pixels)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        try:
            with _FORMATS[request.media_type](file) as image:
                _shrink(image, request.reduction)
                _check_size(image, request)
                image.load()
                return _written(image, request, pixels)
        except (InvalidInput, MemoryError):
            raise
        except Exception:
            # Pillow has no exception for damage: a damaged file can cause any exception.
            raise InvalidInput(DAMAGED) from None


def _shrink(image: ImageFile.ImageFile, reduction: int) -> None:
    if reduction == 1:
        return
    width, height = image.size
    if isinstance(image, Jpeg2KImagePlugin.Jpeg2KImageFile):
        _leave_out_levels(image, reduction)
    else:
        image.draft(image.mode, (max(1, width // reduction), max(1, height // reduction)))


def _leave_out_levels(image: Jpeg2KImagePlugin.Jpeg2KImageFile, reduction: int) -> None:
    """Makes the decoder skip resolution levels, with sides rounded up (T.800, B-15); Pillow's own reduction rounds
    down."""
    width, height = -(-image.width // reduction), -(-image.height // reduction)
    name, _, offset, arguments = image.tile[0]
    assert isinstance(arguments, tuple)
    codec, _, *others = arguments
    image._size = width, height
    image.tile = [
        ImageFile._Tile(name, (0, 0, width, height), offset, (codec, reduction.bit_length() - 1, *others)),
    ]


def _check_size(image: Image.Image, request: DecodeImage) -> None:
    if image.size != (request.width, request.height):
        raise InvalidInput("image.encoded: the file is damaged, its size differs from the header's")


def _written(image: Image.Image, request: DecodeImage, pixels: memoryview) -> DecodedImage:
    _check_size(image, request)
    width, height = image.size
    samples, rows = _conversion(image)
    row_bytes = width * samples.channels
    # Some rows at a time, to avoid a second copy.
    for top in range(0, height, _STRIP_ROWS):
        bottom = min(height, top + _STRIP_ROWS)
        pixels[top * row_bytes : bottom * row_bytes] = rows(image.crop((0, top, width, bottom)))
    return DecodedImage(width, height, samples)


def _conversion(image: Image.Image) -> tuple[Samples, Callable[[Image.Image], bytes]]:
    """The samples of an image's output, and the function that converts rows."""
    mode = image.mode
    if isinstance(image, TiffImagePlugin.TiffImageFile) and (found := _deep_tiff(image)) is not None:
        return found
    if "transparency" in image.info and mode in ("1", "L", "P", "RGB"):
        return Samples.BGRA, lambda rows: rows.convert("RGBA").tobytes("raw", "BGRA")
    match mode:
        case "1":
            return Samples.GREY, lambda rows: rows.convert("L").tobytes()
        case "L":
            return Samples.GREY, lambda rows: rows.tobytes()
        case "RGB" | "RGBX":
            return Samples.BGR, lambda rows: rows.convert("RGB").tobytes("raw", "BGR")
        case "RGBA":
            return Samples.BGRA, lambda rows: rows.tobytes("raw", "BGRA")
        case "CMYK":
            return Samples.CMYK, lambda rows: rows.tobytes()
        case "LAB":
            return Samples.LAB, lambda rows: rows.tobytes()
        case "P" | "YCbCr":
            return Samples.BGR, lambda rows: rows.convert("RGB").tobytes("raw", "BGR")
        case "LA" | "PA":
            return Samples.BGRA, lambda rows: rows.convert("RGBA").tobytes("raw", "BGRA")
    if mode == "I" and isinstance(image, PpmImagePlugin.PpmImageFile):
        # Of the four bytes of a number up to 65535, the second one is the high byte.
        return Samples.GREY, lambda rows: rows.tobytes()[1 if sys.byteorder == "little" else 2 :: 4]
    if mode in _DEEP_GREY:
        return Samples.GREY, lambda rows: _high_bytes(rows, big_endian=mode == "I;16B")
    raise InvalidInput(f"image.encoded: its pixels are of a kind that is not read ({mode})")


def _deep_tiff(image: TiffImagePlugin.TiffImageFile) -> tuple[Samples, Callable[[Image.Image], bytes]] | None:
    """The conversion of grey TIFF images with more than eight bits."""
    bits = image.tag_v2.get(tiff.BITS_PER_SAMPLE)
    if bits == _GREY_AND_ALPHA:
        if image.tag_v2.get(tiff.PLANAR, 1) != 1:
            raise InvalidInput("image.encoded: its pixels are of a kind that is not read (planes of 16 bits)")
        # libtiff returns numbers in native byte order.
        is_big = image.tag_v2.prefix == b"MM" if image.info["compression"] == "raw" else sys.byteorder == "big"
        grey, alpha = (0, 2) if is_big else (1, 3)
        if image.tag_v2.get(tiff.EXTRA_SAMPLES) == (0,):
            return Samples.GREY, lambda rows: rows.getchannel(grey).tobytes()
        return Samples.BGRA, lambda rows: Image.merge(
            "RGBA", [rows.getchannel(place) for place in (grey, grey, grey, alpha)]
        ).tobytes("raw", "BGRA")
    if image.mode not in _DEEP_GREY:
        return None
    # Pillow handles neither inverted values nor the scale here.
    values = _NEGATIVE if image.tag_v2.get(tiff.PHOTOMETRIC) == 0 else None
    is_big, is_small = image.mode == "I;16B", bits == (12,)
    return Samples.GREY, lambda rows: _high_bytes(
        rows.point(lambda value: value * 16) if is_small else rows, big_endian=is_big
    ).translate(values)


def _high_bytes(rows: Image.Image, *, big_endian: bool) -> bytes:
    return rows.tobytes()[0 if big_endian else 1 :: 2]
