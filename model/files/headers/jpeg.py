"""JPEG's header, and how many scans follow it (ITU-T T.81, annex B)."""

import re
from dataclasses import replace

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers import tiff
from edgeocr.model.files.headers.values import MOST_PARTS, TURNED_PIXEL_BYTES, BadHeader, Header, unpack

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""One that is followed by a segment, or the end marker: neither stuffing nor a restart."""
_MARKER_OR_START = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_STRAY_BYTES = 1 << 16
"""As many may stand between segments, all together."""
_FIRST_WINDOW_BYTES, _WINDOW_BYTES = 64, 1 << 18
"""Of a file that are searched at a time: the next marker is mostly near."""
_MOST_SCANS = 32
"""Of a JPEG file that is decoded here: its makers need ten, and each costs as much time as all of the image."""


def read_jpeg(data: Contents) -> Header:
    """ITU-T T.81, annex B; between segments, bytes up to the next marker are skipped, as libjpeg does."""
    offset, frame, stray_bytes = 2, 0, _STRAY_BYTES
    header = None
    pixel_bytes, exif = 3.0, b""
    for _ in range(MOST_PARTS):
        found = _next_marker(data, offset, offset + stray_bytes + 2, _MARKER_OR_START)
        if found is None:
            raise BadHeader
        stray_bytes -= found[0] - 2 - offset
        offset, marker = found
        if marker == 0xDA and header is not None:
            interleaved = data[offset + 2] == data[frame + 7] and not _is_progressive(data[frame - 1])
            coefficients = 0.0 if interleaved else _jpeg_coefficient_bytes(data, frame)
            header = replace(header, pixel_bytes=pixel_bytes, source_pixel_bytes=coefficients)
            return header if interleaved or _scans(data, offset) <= _MOST_SCANS else _apart(header, exif)
        if marker in (0xD8, 0xD9, 0xDA) or (marker in _FRAMES and header is not None):
            raise BadHeader
        if marker in _FRAMES:
            frame = offset
            height, width = unpack(">HH", data, offset + 3)
            header = Header(width, height, can_shrink=True)
        if marker == 0xE1 and data[offset + 2 : offset + 6] == b"Exif":
            pixel_bytes = TURNED_PIXEL_BYTES
            exif = exif or data[offset + 2 : offset + int.from_bytes(data[offset : offset + 2], "big")]
        offset += unpack(">H", data, offset)[0]
    raise BadHeader


def _scans(data: Contents, offset: int) -> int:
    """How many scans there are from the first one's segment on, counted no further than beyond `_MOST_SCANS`."""
    count = 1
    while count <= _MOST_SCANS:
        # A segment's contents may look like markers.
        offset += int.from_bytes(data[offset : offset + 2], "big")
        found = _next_marker(data, offset)
        if found is None or found[1] == 0xD9:
            break
        offset, marker = found
        count += marker == 0xDA
    return count


def _next_marker(
    data: Contents, begin: int, end: int | None = None, kind: re.Pattern[bytes] = _MARKER
) -> tuple[int, int] | None:
    """The place behind the next marker, and its second byte; None if there is none before the end."""
    end = len(data) if end is None else min(end, len(data))
    window_bytes = _FIRST_WINDOW_BYTES
    while begin < end:
        # A marker may lie across the edge of a window.
        if found := kind.search(data[begin : min(end, begin + window_bytes + 1)]):
            return begin + found.end(), found[0][-1]
        begin += window_bytes
        window_bytes = min(2 * window_bytes, _WINDOW_BYTES)
    return None


def _apart(header: Header, exif: bytes) -> Header:
    """As another decoder takes it, with four bytes a pixel in addition to the output, and turns nothing."""
    return replace(header, opens_apart=True, orientation=tiff.exif_orientation(exif), pixel_bytes=7.0)


def is_whole_jpeg(data: Contents) -> bool:
    """Whether a JPEG file goes on until its end marker, without which its decoder would make the rest up."""
    offset = 2
    while (found := _next_marker(data, offset)) is not None:
        offset, marker = found
        if marker == 0xD9:
            return True
        # A segment's contents may look like markers.
        offset += int.from_bytes(data[offset : offset + 2], "big")
    return False


def _is_progressive(frame_marker: int) -> bool:
    return frame_marker & 3 == 2


def _jpeg_coefficient_bytes(data: Contents, frame: int) -> float:
    """What the coefficients of a whole image take for each pixel, if its scans do not hold all components at once."""
    factors = [data[frame + 9 + 3 * component] for component in range(data[frame + 7])]
    sizes = [(factor >> 4, factor & 15) for factor in factors]
    full = max(across for across, _ in sizes) * max(down for _, down in sizes)
    return 2.0 * sum(across * down for across, down in sizes) / full if full else 2.0 * len(factors)
