"""Decodes HEIC files with pi-heif (libheif and libde265): the primary picture, as displayed."""

import _thread
import os
from contextlib import suppress

import pi_heif

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.opening.requests import DAMAGED, DecodedImage, DecodeImage, Samples

_SAMPLES = {"L": Samples.GREY, "BGR": Samples.BGR, "BGRA": Samples.BGRA}
# Decodes tiles one after the other, and no other content of the file.
pi_heif.options.DECODE_THREADS = 0
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def decode(descriptor: int, request: DecodeImage, pixels: memoryview) -> DecodedImage:
    """Decodes a file's primary picture into memory.

    Raises:
        InvalidInput: the file is damaged, has an unexpected size, or is of an unsupported kind.
        MemoryError: there is not enough memory.
    """
    _check_threads()
    with os.fdopen(os.dup(descriptor), "rb") as file:
        try:
            found = pi_heif.open_heif(file, bgr_mode=True)
            picture = found[found.primary_index]
            rows, row_bytes = memoryview(picture.data), picture.stride
        except MemoryError:
            raise
        except Exception:
            # As with Pillow, a damaged file can cause any exception.
            raise InvalidInput(DAMAGED) from None
    width, height = request.width, request.height
    if picture.size != (width, height):
        raise InvalidInput("image.encoded: the file is damaged, its size differs from the header's")
    samples = _SAMPLES.get(picture.mode)
    if samples is None:
        raise InvalidInput(f"image.encoded: its pixels are of a kind that is not read ({picture.mode})")
    kept_bytes = samples.channels * width
    if row_bytes == kept_bytes:
        pixels[: kept_bytes * height] = rows[: kept_bytes * height]
    else:
        for row in range(height):
            pixels[row * kept_bytes : (row + 1) * kept_bytes] = rows[row * row_bytes : row * row_bytes + kept_bytes]
    return DecodedImage(width, height, samples)


def _check_threads() -> None:
    """libde265 aborts the process if it cannot start a thread."""
    with suppress(RuntimeError):
        _thread.start_new_thread(lambda: None, ())
        return
    raise InvalidInput("image.encoded: HEIC is not read where files are opened without a system call filter")
