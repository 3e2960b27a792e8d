"""HEIC files through pi-heif, its libheif and libde265: the picture that a file is about, as it is displayed."""

import _thread
import os
from contextlib import suppress

import pi_heif

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.opening.requests import DAMAGED, DecodedImage, DecodeImage, Samples

_SAMPLES = {"L": Samples.GREY, "BGR": Samples.BGR, "BGRA": Samples.BGRA}
# Tiles one after the other; what else a file holds is nobody's business.
pi_heif.options.DECODE_THREADS = 0
pi_heif.options.THUMBNAILS = pi_heif.options.DEPTH_IMAGES = pi_heif.options.AUX_IMAGES = False


def decode(descriptor: int, request: DecodeImage, pixels: memoryview) -> DecodedImage:
    """Decodes a file's primary picture into memory.

    Raises:
        InvalidInput: the file is damaged, has another size than was said, or is of a kind that is not read.
        MemoryError: there is no room for it.
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
            # As with Pillow: what a file makes of it is any error that Python has.
            raise InvalidInput(DAMAGED) from None
    width, height = request.width, request.height
    if picture.size != (width, height):
        raise InvalidInput("image.encoded: the file is damaged, it has another size than its header says")
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
    """libde265 ends its process where it may not start a thread."""
    with suppress(RuntimeError):
        _thread.start_new_thread(lambda: None, ())
        return
    raise InvalidInput("image.encoded: HEIC is not read where files are opened without a system call filter")
