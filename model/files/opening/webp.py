"""Decodes WebP files of one picture with Pillow's bundled libwebp, directly into the caller's memory.

Pillow treats every WebP file as an animation, which takes two canvases and two copies of the picture: too much for a
phone's photograph on a small server. Only animations are left to it.
"""

import ctypes

from PIL import _webp

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.opening.mapping import mapped
from edgeocr.model.files.opening.requests import DAMAGED, DecodedImage, DecodeImage, Samples

_EXTENDED, _ALPHA, _ANIMATION = b"VP8X", 0x10, 0x02
_LOSSLESS, _LOSSLESS_ALPHA = b"VP8L", 0x10
_KIND, _FLAGS, _LOSSLESS_FLAGS, HEAD_BYTES = slice(12, 16), 20, 24, 25
# Symbols are also found in the libraries that this one is linked with.
_LIBRARY = ctypes.CDLL(_webp.__file__)
_SIDES = ctypes.POINTER(ctypes.c_int)
_LIBRARY.WebPGetInfo.argtypes = [ctypes.c_void_p, ctypes.c_size_t, _SIDES, _SIDES]
_DECODERS = {Samples.BGR: _LIBRARY.WebPDecodeBGRInto, Samples.BGRA: _LIBRARY.WebPDecodeBGRAInto}
for _decoder in _DECODERS.values():
    _decoder.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    _decoder.restype = ctypes.c_void_p


def is_animation(head: bytes) -> bool:
    """Whether a file's header announces frames (RFC 9649, section 2.7)."""
    return head[_KIND] == _EXTENDED and bool(head[_FLAGS] & _ANIMATION)


def decode(descriptor: int, request: DecodeImage, pixels: memoryview) -> DecodedImage:
    """Decodes a file of one picture into memory.

    Raises:
        InvalidInput: the file is damaged, or has an unexpected size.
        MemoryError: there is not enough memory.
    """
    width, height = request.width, request.height
    with mapped(descriptor) as data:
        samples = Samples.BGRA if _has_alpha(bytes(memoryview(data)[:HEAD_BYTES])) else Samples.BGR
        across, down = ctypes.c_int(), ctypes.c_int()
        is_known = _LIBRARY.WebPGetInfo(data, len(data), ctypes.byref(across), ctypes.byref(down))
        if not is_known or (across.value, down.value) != (width, height):
            raise InvalidInput(DAMAGED)
        row_bytes = samples.channels * width
        target = (ctypes.c_char * (row_bytes * height)).from_buffer(pixels)
        if not _DECODERS[samples](data, len(data), target, len(target), row_bytes):
            raise InvalidInput(DAMAGED)
    return DecodedImage(width, height, samples)


def _has_alpha(head: bytes) -> bool:
    if head[_KIND] == _EXTENDED:
        return bool(head[_FLAGS] & _ALPHA)
    return head[_KIND] == _LOSSLESS and bool(head[_LOSSLESS_FLAGS] & _LOSSLESS_ALPHA)
