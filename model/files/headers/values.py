"""What an image file says of itself in its header."""

import struct
from dataclasses import dataclass
from typing import Any

from edgeocr.model.files.contents import Contents

AVIF, HEIC, JPEG, JPEG2000, WEBP = "image/avif", "image/heic", "image/jpeg", "image/jp2", "image/webp"
READ_WHOLE = frozenset((AVIF, HEIC, JPEG2000, WEBP))
"""Formats whose decoders take the file into memory before they begin."""
MOST_PARTS = 1 << 16
"""Chunks or segments of a file: more would be long in being walked through, and everybody waits for that."""
TURNED_PIXEL_BYTES = 6.0
"""Bytes a pixel where the file may say that it lies on its side: turning it takes a second image."""


class BadHeader(ValueError):
    """The file's format is known, but no trustworthy size could be read."""


class UnreadKind(Exception):
    """The file is whole as far as is known, but its pixels are of a kind that is not read; the text says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file says of itself, and what its decoder takes; `tests.benchmarks.memory_cost` measures that.

    Attributes:
        width, height: in pixels, as stored: before the image is turned.
        media_type: of the file; empty where it is none.
        opens_apart: whether its header does not bound what decoding takes, in memory or in time.
        has_alpha: whether it may have an alpha channel.
        is_multiplied: whether its colours, where they have 8 bits, are multiplied by their alpha once decoded.
        rounds_alpha: whether multiplying them rounds to the nearest, and not down.
        orientation: as Exif counts them, 1 to 8, how the image is to be turned; 1 as well where its decoder does that.
        patches: offsets in the file, and what the decoder is to find there instead.
        can_shrink: whether it can be decoded at a half, a quarter or an eighth of its size.
        pixel_bytes: most memory that decoding takes for each pixel that comes out, the pixel included.
        source_pixel_bytes: likewise for each pixel of the file, however small it is decoded.
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
    """The values at a place of a file, as struct knows layouts; raises struct.error where it ends before."""
    return struct.unpack(layout, data[offset : offset + struct.calcsize(layout)])
