"""JPEG's header, and how many scans follow it (ITU-T T.81, annex B)."""

import re
from dataclasses import replace

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers import tiff
from edgeocr.model.files.headers.values import MOST_PARTS, TURNED_PIXEL_BYTES, BadHeader, Header, unpack

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")
"""Matches markers of segments and of the end, but neither byte stuffing nor restarts."""
_MARKER_OR_START = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
_STRAY_BYTES = 1 << 16
"""Maximum number of bytes between segments, in total."""
_FIRST_WINDOW_BYTES, _WINDOW_BYTES = 64, 1 << 18
"""Bytes searched at a time, since the next marker is usually near."""
_MOST_SCANS = 32
"""Maximum number of scans of a file that is decoded in this process: encoders use ten, and each takes as long as the
whole image."""


def read_jpeg(data: Contents) -> Header:
    """ITU-T T.81, annex B; bytes between segments are skipped up to the next marker, as in libjpeg."""
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
    """The number of scans from the first one's segment on, counted up to `_MOST_SCANS` + 1."""
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
    """The offset after the next marker, and its second byte; None if there is none."""
    end = len(data) if end is None else min(end, len(data))
    window_bytes = _FIRST_WINDOW_BYTES
    while begin < end:
        # A marker may cross the edge of a window.
        if found := kind.search(data[begin : min(end, begin + window_bytes + 1)]):
            return begin + found.end(), found[0][-1]
        begin += window_bytes
        window_bytes = min(2 * window_bytes, _WINDOW_BYTES)
    return None


def _apart(header: Header, exif: bytes) -> Header:
    """The header for a decoder process, which uses four bytes per pixel in addition to the output, and does not turn
    pixels."""
    return replace(header, opens_apart=True, orientation=tiff.exif_orientation(exif), pixel_bytes=7.0)


def is_whole_jpeg(data: Contents) -> bool:
    """Whether a JPEG file has its end marker, without which the decoder would invent the rest."""
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
    """Bytes per pixel of the coefficients of a whole image, which are kept if its scans do not contain all
    components."""
    factors = [data[frame + 9 + 3 * component] for component in range(data[frame + 7])]
    sizes = [(factor >> 4, factor & 15) for factor in factors]
    full = max(across for across, _ in sizes) * max(down for _, down in sizes)
    return 2.0 * sum(across * down for across, down in sizes) / full if full else 2.0 * len(factors)
