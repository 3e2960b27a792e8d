"""An image file's size from its header, read as strictly as the decoder reads it.

The size decides what a request may cost, so a file must not tell one size here and another to the decoder, nor make
the decoder allocate for data that it does not hold. Whatever is out of the ordinary is refused.
"""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from edgeocr.model.files import tiff

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""One that is followed by a segment, or the end marker: neither stuffing nor a restart."""
_JPEG_MARKER_OR_START = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_JPEG_STRAY_BYTES = 1 << 16
"""As many may stand between segments, all together."""
_MOST_PARTS = 1 << 16
"""Chunks or segments of a file: more would be long in being walked through, and everybody waits for that."""
_TIFF_TILE_PIXELS = 1 << 22
_TIFF_ALPHA = (1, 2)
_WEBP_ALPHA, _WEBP_EXIF, _WEBP_FIRST_CHUNK = 0x10, 0x08, 12
_TURNED = 6.0
"""Bytes a pixel where the file may say that it lies on its side: turning it takes a second image."""


class BadHeader(ValueError):
    """The file's format is known, but no trustworthy size could be read."""


@dataclass(frozen=True, slots=True)
class Header:
    """What an image file says of itself, and what its decoder takes; `tests.benchmarks.memory_cost` measures that.

    Attributes:
        width, height: in pixels, as stored: before the image is turned.
        has_alpha: whether it may have an alpha channel.
        is_multiplied: whether its colours, where they have 8 bits, are multiplied by their alpha once decoded.
        orientation: as Exif counts them, 1 to 8, how the image is to be turned; 1 as well where its decoder does that.
        patches: offsets in the file, and what the decoder is to find there instead.
        can_shrink: whether it can be decoded at a half, a quarter or an eighth of its size.
        pixel_bytes: most memory that decoding takes for each pixel that comes out, the pixel included.
        source_pixel_bytes: likewise for each pixel of the file, however small it is decoded.
    """

    width: int
    height: int
    has_alpha: bool = False
    is_multiplied: bool = False
    orientation: int = 1
    patches: tuple[tuple[int, bytes], ...] = ()
    can_shrink: bool = False
    pixel_bytes: float = 3.0
    source_pixel_bytes: float = 0.0


def _png(data: bytes) -> Header:
    """PNG specification, sections 5 and 11.2.1; all chunks must lie within the file, up to the end chunk.

    In search of image data the decoder goes on behind the end, and allocates what it takes for a chunk's length there.
    """
    kinds: set[bytes] = set()
    exif = b""
    for place, (kind, start, length) in enumerate(_png_chunks(data)):
        if (place == 0) != (kind == b"IHDR") or (place == 0 and length != 13) or (kind == b"IEND" and length):
            raise BadHeader
        if kind == b"eXIf" and kind not in kinds:
            exif = data[start : start + length]
        kinds.add(kind)
    if b"IDAT" not in kinds:
        raise BadHeader
    width, height, depth, colour_type = struct.unpack_from(">IIBB", data, 16)
    if colour_type in (4, 6) or b"tRNS" in kinds:
        # Four channels of one or two bytes, the opaque pixels, and rows in between; or the opaque pixels thrice.
        pixel_bytes = 12.0 if depth == 16 or exif else 8.0
        return Header(width, height, True, orientation=tiff.exif_orientation(exif), pixel_bytes=pixel_bytes)
    return Header(width, height, pixel_bytes=_TURNED if b"eXIf" in kinds else 3.0)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, offset of the contents, and their length."""
    offset, kind = len(_PNG), b""
    for _ in range(_MOST_PARTS):
        length, kind = struct.unpack_from(">I4s", data, offset)
        yield kind, offset + 8, length
        offset += 12 + length
        if kind == b"IEND":
            break
    if kind != b"IEND" or offset > len(data):
        raise BadHeader


def _jpeg(data: bytes) -> Header:
    """ITU-T T.81, annex B; between segments, bytes up to the next marker are skipped, as libjpeg does."""
    offset, frame, stray_bytes = 2, 0, _JPEG_STRAY_BYTES
    header = None
    pixel_bytes = 3.0
    for _ in range(_MOST_PARTS):
        found = _JPEG_MARKER_OR_START.search(data, offset, offset + stray_bytes + 2)
        if found is None:
            raise BadHeader
        stray_bytes -= found.start() - offset
        offset, marker = found.end(), found[0][-1]
        if marker == 0xDA and header is not None:
            interleaved = data[offset + 2] == data[frame + 7] and not _is_progressive(data[frame - 1])
            coefficients = 0.0 if interleaved else _jpeg_coefficient_bytes(data, frame)
            return replace(header, pixel_bytes=pixel_bytes, source_pixel_bytes=coefficients)
        if marker in (0xD8, 0xD9, 0xDA) or (marker in _JPEG_FRAMES and header is not None):
            raise BadHeader
        if marker in _JPEG_FRAMES:
            frame = offset
            height, width = struct.unpack_from(">HH", data, offset + 3)
            header = Header(width, height, can_shrink=True)
        if marker == 0xE1 and data.startswith(b"Exif", offset + 2):
            pixel_bytes = _TURNED
        offset += struct.unpack_from(">H", data, offset)[0]
    raise BadHeader


def is_whole_jpeg(data: bytes) -> bool:
    """Whether a JPEG file goes on until its end marker, without which its decoder would make the rest up."""
    offset = 2
    while (found := _JPEG_MARKER.search(data, offset)) is not None:
        offset, marker = found.end(), found[0][-1]
        if marker == 0xD9:
            return True
        # A segment's contents may look like markers.
        offset += int.from_bytes(data[offset : offset + 2], "big")
    return False


def _is_progressive(frame_marker: int) -> bool:
    return frame_marker & 3 == 2


def _jpeg_coefficient_bytes(data: bytes, frame: int) -> float:
    """What the coefficients of a whole image take for each pixel, if its scans do not hold all components at once."""
    factors = [data[frame + 9 + 3 * component] for component in range(data[frame + 7])]
    sizes = [(factor >> 4, factor & 15) for factor in factors]
    full = max(across for across, _ in sizes) * max(down for _, down in sizes)
    return 2.0 * sum(across * down for across, down in sizes) / full if full else 2.0 * len(factors)


def _webp(data: bytes) -> Header:
    """RFC 9649, section 2; for an animation, the canvas."""
    size, kind = struct.unpack_from("<I4x4s", data, 4)
    if size + 8 > len(data):
        raise BadHeader
    if kind == b"VP8X":
        flags, low_width, high_width, low_height, high_height = struct.unpack_from("<B3xHBHB", data, 20)
        width, height = 1 + low_width + (high_width << 16), 1 + low_height + (high_height << 16)
        has_alpha = bool(flags & _WEBP_ALPHA)
        orientation = _webp_orientation(data) if has_alpha and flags & _WEBP_EXIF else 1
        # It may be an animation, or lossless inside.
        return Header(width, height, has_alpha, orientation=orientation, pixel_bytes=12.0)
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1), pixel_bytes=12.0)
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF, pixel_bytes=3.5)
    raise BadHeader


def _webp_orientation(data: bytes) -> int:
    offset = _WEBP_FIRST_CHUNK
    for _ in range(_MOST_PARTS):
        if offset + 8 > len(data):
            return 1
        kind, length = struct.unpack_from("<4sI", data, offset)
        if kind == b"EXIF":
            return tiff.exif_orientation(data[offset + 8 : offset + 8 + length])
        offset += 8 + length + (length & 1)
    raise BadHeader


def _gif(data: bytes) -> Header:
    """GIF89a, section 18: the canvas on which all frames are drawn, of which the first one counts."""
    width, height = struct.unpack_from("<HH", data, 6)
    # Two canvases of four channels, the opaque pixels, and rows in between.
    return Header(width, height, has_alpha=True, pixel_bytes=12.0)


def _bmp(data: bytes) -> Header:
    """The headers of OS/2 (12 bytes) and of Windows, whose height is negative if rows go downwards."""
    (size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if size == 12 else "<ii", data, 18)
    return Header(width, abs(height))


def _tiff(data: bytes, page: int = 0) -> Header:
    """The directory of a page."""
    directory = next(islice(tiff.directories(data), page, None))
    values, order = directory.values, directory.order
    width, height = values[tiff.WIDTH], values[tiff.HEIGHT]
    if values.get(tiff.TILE_WIDTH, 0) * values.get(tiff.TILE_HEIGHT, 0) > max(width * height, _TIFF_TILE_PIXELS):
        raise BadHeader
    patches = []
    if page:
        # Its decoder takes what the file's header points at for the first page.
        patches.append((4, struct.pack(order + "I", directory.offset)))
    if directory.orientation > 1:
        # It fails at those that lie on their sides.
        patches.append((directory.places[tiff.ORIENTATION], struct.pack(order + "H", 1)))
    has_alpha = values.get(tiff.EXTRA_SAMPLES) in _TIFF_ALPHA
    return Header(
        width,
        height,
        has_alpha,
        is_multiplied=has_alpha,
        orientation=directory.orientation,
        patches=tuple(patches),
        # A strip may be the whole image, at four bytes a pixel, and the library reads the file through a map.
        pixel_bytes=12.0,
    )


_Reader = Callable[[bytes], Header]
_FORMATS: dict[str, tuple[Callable[[bytes], bool], _Reader]] = {
    "image/jpeg": (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    "image/png": (lambda head: head.startswith(_PNG), _png),
    "image/webp": (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", _webp),
    "image/bmp": (lambda head: head.startswith(b"BM"), _bmp),
    "image/tiff": (lambda head: head[:4] in (b"II*\0", b"MM\0*"), _tiff),
    "image/gif": (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
}

MEDIA_TYPES = tuple(_FORMATS)
"""The formats whose headers are read."""


def read_header(data: bytes, page: int = 0) -> Header | None:
    """What an image file, or one page of it, says of itself; None if it is of no known format. Costs microseconds.

    Raises:
        BadHeader: the header is damaged, cut off, or out of the ordinary, or there is no such page.
    """
    head = data[:16]
    for matches, read in _FORMATS.values():
        if matches(head):
            try:
                return _tiff(data, page) if read is _tiff else read(data)
            except (struct.error, IndexError, KeyError, ValueError, StopIteration):
                raise BadHeader from None
    return None


def is_image(data: bytes) -> bool:
    """Whether a file begins as those of a known format do."""
    return any(matches(data[:16]) for matches, _ in _FORMATS.values())


def count_pages(data: bytes, most: int | None = None) -> int:
    """How many pages an image file has, counted no further than to `most`; all that is behind damage counts as one."""
    is_tiff, _ = _FORMATS["image/tiff"]
    if not is_tiff(data[:16]):
        return 1
    count = 0
    try:
        for _ in islice(tiff.directories(data), most):
            count += 1
    except (struct.error, ValueError):
        count += 1
    return count
