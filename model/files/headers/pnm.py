"""The header of PBM, PGM and PPM files (Netpbm's bitmaps, grey and colour images; plain and binary)."""

import re

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.values import BadHeader, Header

_HEAD_BYTES = 1 << 16
"""Maximum size of the header, including comments."""
_START = re.compile(rb"P[1-6][ \t\n\v\f\r#]")
_NUMBER = re.compile(rb"(?:[ \t\n\v\f\r]|#[^\r\n]*[\r\n])*([0-9]{1,10})(?=[ \t\n\v\f\r])")
_BITMAPS, _PIXMAPS, _PLAIN = b"14", b"36", b"123"
_BYTE, _TWO_BYTES = 255, 65535


def is_pnm(head: bytes) -> bool:
    """Whether a file begins as these formats do."""
    return _START.match(head) is not None


def read_pnm(data: Contents) -> Header:
    """Width, height and maximum value; bitmaps have no maximum value."""
    head = data[:_HEAD_BYTES]
    kind, offset = head[1:2], 2
    numbers = []
    for _ in range(2 if kind in _BITMAPS else 3):
        found = _NUMBER.match(head, offset)
        if found is None:
            raise BadHeader
        numbers.append(int(found[1]))
        offset = found.end()
    width, height, *white = numbers
    if white and not 0 < white[0] <= _TWO_BYTES:
        raise BadHeader
    return Header(width, height, opens_apart=True, pixel_bytes=_pixel_bytes(kind, white[0] if white else _BYTE))


def _pixel_bytes(kind: bytes, white: int) -> float:
    """Bytes per pixel of the image and the output; converted numbers need two more copies."""
    channels = 3.0 if kind in _PIXMAPS else 1.0
    image = 4.0 if channels == 3 or white > _BYTE else 1.0
    is_converted = kind in _PLAIN or white not in (_BYTE, _TWO_BYTES) or (channels == 3 and white > _BYTE)
    numbers = (4.0 if channels == 1 and white > _BYTE else channels) if is_converted else 0.0
    # Grey is converted to three channels after the rest has been freed.
    return max(image + channels + 2.25 * numbers, 4.0)
