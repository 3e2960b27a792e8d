"""The values of an image file's header."""

import struct
from dataclasses import dataclass
from typing import Any

from edgeocr.model.files.contents import Contents

AVIF, HEIC, JPEG, JPEG2000, WEBP = "image/avif", "image/heic", "image/jpeg", "image/jp2", "image/webp"
READ_WHOLE = frozenset((AVIF, HEIC, JPEG2000, WEBP))
"""Formats whose decoders first load the whole file."""
MOST_PARTS = 1 << 16
"""Maximum number of chunks or segments, since parsing them blocks the event loop."""
TURNED_PIXEL_BYTES = 6.0
"""Bytes per pixel if the image may have to be turned, which needs a second image."""


class BadHeader(ValueError):
    """The format is known, but the header has no trustworthy size."""


class UnreadKind(Exception):
    """The file appears to be intact, but its kind of pixels is not supported; the text names the kind."""


@dataclass(slots=True)
class Header:
    """The header of an image file, and the memory of its decoder, measured by `tests.benchmarks.memory.per_pixel`.

    Attributes:
        width, height: in pixels, as stored, before the orientation is applied.
        media_type: media type of the file; empty for raw pixels.
        opens_apart: whether it needs a decoder process, since the header does not bound memory or time of decoding.
        has_alpha: whether it may have an alpha channel.
        is_multiplied: whether 8-bit colours are premultiplied by alpha after decoding.
        rounds_alpha: whether that multiplication rounds to the nearest integer rather than down.
        orientation: Exif orientation, 1 to 8; 1 also if the decoder applies it.
        patches: offsets in the file, and the bytes that replace those there for the decoder.
        can_shrink: whether it can be decoded at half, a quarter or an eighth of its size.
        pixel_bytes: maximum memory of decoding per output pixel, including the output.
        source_pixel_bytes: maximum memory of decoding per pixel of the file, at any reduction.
    """

    width: int
    height: int
    has_alpha: bool = False
    media_type: str = ""
    opens_apart: bool = False
    is_multiplied: bool = False
    rounds_alpha: bool = False
    orientation: int = 1
    patches: tuple[tuple[int, bytes], ...] = ()
    can_shrink: bool = False
    pixel_bytes: float = 3.0
    source_pixel_bytes: float = 0.0


def unpack(layout: str, data: Contents, offset: int) -> tuple[Any, ...]:
    """Unpacks values at an offset; raises struct.error if the file ends before."""
    return struct.unpack(layout, data[offset : offset + struct.calcsize(layout)])
