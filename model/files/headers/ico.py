"""The header of Windows icons: a list of pictures, each a PNG file or a bitmap without its file header."""

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.values import BadHeader, Header, unpack

_START = b"\0\0\1\0"
_HEADER_BYTES, _ENTRY_BYTES = 6, 16
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PICTURES = 256
_LARGEST_SIDE = _MOST_DEPTH = 256
"""The size that 0 stands for."""


def is_ico(head: bytes) -> bool:
    """Whether a file begins as icons do."""
    return head.startswith(_START) and len(head) > _HEADER_BYTES


def read_ico(data: Contents) -> Header:
    """The size of the picture that the decoder chooses, which must match the picture's own header."""
    (count,) = unpack("<H", data, 4)
    if not 0 < count <= _MOST_PICTURES:
        raise BadHeader
    pictures = [_picture(data, _HEADER_BYTES + _ENTRY_BYTES * place) for place in range(count)]
    # The largest picture; among equals, the first one with the fewest colours.
    _, _, width, height, offset = min(pictures, key=lambda picture: picture[:2])
    if data[offset : offset + len(_PNG)] == _PNG:
        size = unpack(">II", data, offset + 16)
    else:
        across, down = unpack("<ii", data, offset + 4)
        size = across, abs(down) // 2
    if size != (width, height):
        raise BadHeader
    # The picture, its mask, a copy with both, the output, and the opaque pixels.
    return Header(width, height, has_alpha=True, opens_apart=True, pixel_bytes=20.0)


def _picture(data: Contents, place: int) -> tuple[int, int, int, int, int]:
    """The sort key, size and position of a picture."""
    width, height, colours, bits, offset = unpack("<BBBxxxH4xI", data, place)
    width, height = width or _LARGEST_SIDE, height or _LARGEST_SIDE
    depth = bits or (colours and (colours - 1).bit_length()) or _MOST_DEPTH
    return -width * height, depth, width, height, offset
