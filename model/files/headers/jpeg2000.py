"""JPEG 2000 headers: of the codestream, and of the container (ITU-T T.800, annexes A and I)."""

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.boxes import box, boxes
from edgeocr.model.files.headers.values import BadHeader, Header, UnreadKind, unpack

_CODESTREAM = b"\xff\x4f\xff\x51"
_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_SIZE_OFFSET = len(_CODESTREAM)
_CODING, _TILE = 0x52, 0x90
_MOST_SEGMENTS = 1024
_MOST_COMPONENTS, _MOST_TILES = 4, 65535
_TILE_BYTES = 6144.0
"""Size of OpenJPEG's parameters of a tile, which are allocated for all tiles at the start."""
_OWN_BYTES = 2 << 20
"""Constant memory of OpenJPEG."""
_COEFFICIENT_BYTES = 4.0
_LEVELS_TO_SHRINK = 3
"""Number of resolution levels for an eighth of the size."""


def is_jpeg2000(head: bytes) -> bool:
    """Whether a file begins as a container or a bare codestream does."""
    return head.startswith((_CODESTREAM, _SIGNATURE))


def read_jpeg2000(data: Contents) -> Header:
    """The size in the codestream, with which the container's header must agree."""
    if data[:4] == _CODESTREAM:
        return _codestream(data, 0)
    header = None
    for kind, begin, end in boxes(data):
        if kind == b"jp2h" and header is None:
            place, _ = box(data, b"ihdr", begin, end)
            header = unpack(">IIH", data, place)
        if kind == b"jp2c":
            found = _codestream(data, begin)
            if header is None or (found.height, found.width) != header[:2]:
                raise BadHeader
            return found
    raise BadHeader


def _codestream(data: Contents, begin: int) -> Header:
    """Table A.9 of T.800: the reference grid, the image's offset, and the tiles."""
    if data[begin : begin + 4] != _CODESTREAM:
        raise BadHeader
    begin += _SIZE_OFFSET
    values = unpack(">HHIIIIIIIIH", data, begin)
    right, bottom, left, top, tile_width, tile_height, tile_left, tile_top, components = values[2:]
    width, height = right - left, bottom - top
    if min(width, height, tile_width, tile_height) <= 0 or not (tile_left <= left and tile_top <= top):
        raise BadHeader
    if not 1 <= components <= _MOST_COMPONENTS:
        raise UnreadKind(f"{components} components")
    depth = 1 + max(data[begin + 38 + 3 * number] & 0x7F for number in range(components))
    tiles = -(-(right - tile_left) // tile_width) * -(-(bottom - tile_top) // tile_height)
    if tiles > _MOST_TILES:
        raise BadHeader
    tile_share = min(1.0, tile_width * tile_height / (width * height))
    # A tile's coefficients and their result; the image, of one, two or four bytes; the output. Or that and the opaque
    # pixels.
    sample_bytes = 2.0 if components == 1 and depth > 8 else 1.0
    image_bytes = sample_bytes if components == 1 else 4.0
    out_bytes = {1: 1.0, 3: 3.0}.get(components, 4.0)
    decoding_bytes = tile_share * components * (_COEFFICIENT_BYTES + sample_bytes) + image_bytes + out_bytes
    can_shrink = left == top == tile_left == tile_top == 0 and _levels(data, begin) >= _LEVELS_TO_SHRINK
    return Header(
        width,
        height,
        has_alpha=components in (2, 4),
        opens_apart=True,
        can_shrink=can_shrink,
        pixel_bytes=max(decoding_bytes, out_bytes + (0.0 if components == 3 else 3.0)),
        source_pixel_bytes=(_OWN_BYTES + tiles * _TILE_BYTES) / (width * height),
    )


def _levels(data: Contents, begin: int) -> int:
    """The number of decomposition levels by default; 0 if none is stated before the first tile."""
    for _ in range(_MOST_SEGMENTS):
        (length,) = unpack(">H", data, begin)
        begin += length
        _, marker = unpack(">BB", data, begin)
        if marker == _CODING:
            return int(data[begin + 9])
        if marker == _TILE:
            break
        begin += 2
    return 0
