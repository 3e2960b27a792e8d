"""An image file's size from its header, read as strictly as the decoder reads it.

The size decides what a request may cost, so a file must not tell one size here and another to the decoder, nor make
the decoder allocate for data that it does not hold. Whatever is out of the ordinary is refused.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TIFF_INTEGERS = {3: "H", 4: "I"}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_TILE_WIDTH, _TIFF_TILE_HEIGHT = 256, 257, 322, 323
_TIFF_TILE_PIXELS = 1 << 22


class BadHeader(ValueError):
    """The file's format is known, but no trustworthy size could be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file says of itself: width and height in pixels, and whether it may have an alpha channel."""

    width: int
    height: int
    has_alpha: bool = False


def _png(data: bytes) -> Header:
    """PNG specification, sections 5 and 11.2.1; all chunks must lie within the file, up to the end chunk."""
    chunks = list(_png_chunks(data))
    if chunks[0] != (b"IHDR", 16, 13) or chunks[-1][0] != b"IEND":
        raise BadHeader
    width, height, _, colour_type = struct.unpack_from(">IIBB", data, 16)
    has_alpha = colour_type in (4, 6) or any(kind == b"tRNS" for kind, _, _ in chunks)
    return Header(width, height, has_alpha)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, offset of the contents, and their length."""
    offset, kind = len(_PNG), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, offset + 8, length
        offset += 12 + length
    if offset > len(data):
        raise BadHeader


def _jpeg(data: bytes) -> Header:
    """ITU-T T.81, annex B; between segments, bytes up to the next marker are skipped, as libjpeg does."""
    offset = 2
    while True:
        offset = data.index(b"\xff", offset)
        while data[offset] == 0xFF:
            offset += 1
        marker = data[offset]
        offset += 1
        if marker == 0 or marker == 1 or 0xD0 <= marker <= 0xD7:
            continue
        if marker in (0xD8, 0xD9, 0xDA):
            raise BadHeader
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, offset + 3)
            return Header(width, height)
        offset += struct.unpack_from(">H", data, offset)[0]


def _webp(data: bytes) -> Header:
    """RFC 9649, section 2; for an animation, the canvas."""
    size, kind = struct.unpack_from("<I4x4s", data, 4)
    if size + 8 > len(data):
        raise BadHeader
    if kind == b"VP8X":
        flags, low_width, high_width, low_height, high_height = struct.unpack_from("<B3xHBHB", data, 20)
        return Header(1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16), bool(flags & 0x10))
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF)
    raise BadHeader


def _bmp(data: bytes) -> Header:
    """The headers of OS/2 (12 bytes) and of Windows, whose height is negative if rows go downwards."""
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header(width, abs(height))


def _tiff(data: bytes) -> Header:
    """TIFF 6.0, sections 2, 8 and 15; the first directory counts."""
    order = "<" if data[:2] == b"II" else ">"
    (offset,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, offset)
    values: dict[int, int] = {}
    for place in range(entries):
        entry = offset + 2 + 12 * place
        tag, kind, count = struct.unpack_from(order + "HHI", data, entry)
        if tag not in (_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_TILE_WIDTH, _TIFF_TILE_HEIGHT):
            continue
        if tag in values or kind not in _TIFF_INTEGERS or count != 1:
            raise BadHeader
        (values[tag],) = struct.unpack_from(order + _TIFF_INTEGERS[kind], data, entry + 8)
    width, height = values[_TIFF_WIDTH], values[_TIFF_HEIGHT]
    if values.get(_TIFF_TILE_WIDTH, 0) * values.get(_TIFF_TILE_HEIGHT, 0) > max(width * height, _TIFF_TILE_PIXELS):
        raise BadHeader
    return Header(width, height)


_Reader = Callable[[bytes], Header]
_FORMATS: dict[str, tuple[Callable[[bytes], bool], _Reader]] = {
    "image/jpeg": (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    "image/png": (lambda head: head.startswith(_PNG), _png),
    "image/webp": (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
    "image/bmp": (lambda head: head.startswith(b"BM"), _bmp),
    "image/tiff": (lambda head: head[:4] in (b"II*\0", b"MM\0*"), _tiff),
}

MEDIA_TYPES = tuple(_FORMATS)
"""The formats whose headers are read."""


def read_header(data: bytes) -> Header | None:
    """What an image file says of itself; None if it is of no known format. Costs microseconds.

    Raises:
        BadHeader: the header is damaged, cut off, or out of the ordinary.
    """
    head = data[:16]
    for matches, read in _FORMATS.values():
        if matches(head):
            try:
                return read(data)
            except (struct.error, IndexError, KeyError, ValueError):
                raise BadHeader from None
    return None
