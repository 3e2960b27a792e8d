"""The headers of AVIF and HEIC: the properties of a file's primary picture (ISO/IEC 23008-12, sections 6, 9 and 10; AV1
Image File Format).
"""

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.boxes import box, boxes
from edgeocr.model.files.headers.values import BadHeader, Header, unpack

AVIF_BRANDS = (b"avif", b"avis")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
_GENERAL_BRANDS = (b"mif1", b"msf1")
_WHOLE_BYTES = 1 << 22
"""Maximum size of the description of pictures, usually some kilobytes, which is read as a whole."""
_WIDE_NUMBERS = 0x7FFF
_TURNED = (1, 8, 3, 6)
_MIRRORED = ((4, 5, 2, 7), (2, 7, 4, 5))
"""Exif orientations of pictures that are turned anticlockwise by 0 to 3 quarters, and then mirrored vertically or
horizontally."""
_NO_PLANES, _DEEP, _GREY, _NARROW, _LOW = 3.0, 0x40, 0x10, 0x08, 0x04
"""Default number of samples per pixel; bits of AV1's configuration."""
_OWN_BYTES = 1 << 20
"""Constant memory of libavif."""
_COPY_BYTES = 4.0
"""Bytes per pixel of Pillow's image, always four."""
_HEVC_ROWS_BYTES, _HEVC_OWN_BYTES = 0.75, 2 << 20
"""Memory of libde265 per pixel, for information on blocks, and per file."""
_HEVC_SAMPLES = (1.0, 1.5, 2.0, 3.0)
"""Bytes per pixel by chroma subsampling: monochrome, 4:2:0, 4:2:2, 4:4:4."""
_ALPHA = (b"alpha", b"hevc:2015:auxid:1\0")
"""Suffix of the type of auxiliary pictures for alpha."""
_MOST_CHOSEN = 1 << 24


def is_of_brand(head: bytes, brands: tuple[bytes, ...]) -> bool:
    """Whether a file's first bytes name a brand as the major one, or, if that is generic, among the compatible ones."""
    if head[4:8] != b"ftyp":
        return False
    end = min(len(head), int.from_bytes(head[:4], "big"))
    others = (head[begin : begin + 4] for begin in range(16, end - 3, 4))
    return head[8:12] in brands or (head[8:12] in _GENERAL_BRANDS and any(other in brands for other in others))


def read_avif(data: Contents) -> Header:
    """The caller applies rotations. The decoder uses the size in the pictures' own data, which is checked against the
    header."""
    kinds, own = _pictures(data)
    # The first property of a kind applies.
    properties = dict(reversed(own))
    width, height = unpack(">II", properties[b"ispe"], 4)
    has_alpha = _has_alpha(kinds)
    plane_bytes = max((_plane_bytes(contents) for kind, contents in kinds if kind == b"av1C"), default=2 * _NO_PLANES)
    if b"av1C" not in properties:
        # A grid is assembled from tiles, which are in memory too.
        plane_bytes *= 2
    channels = 4.0 if has_alpha else 3.0
    return Header(
        width,
        height,
        has_alpha,
        opens_apart=True,
        orientation=_orientation(properties),
        pixel_bytes=plane_bytes + channels + _COPY_BYTES + channels,
        source_pixel_bytes=_OWN_BYTES / max(1, width * height),
    )


def read_heic(data: Contents) -> Header:
    """The displayed size: the decoder crops, turns and mirrors in the file's order."""
    kinds, own = _pictures(data)
    across, down = unpack(">II", dict(reversed(own))[b"ispe"], 4)
    width, height = _displayed((across, down), own)
    has_alpha = _has_alpha(kinds)
    planes, are_converted = max((_hevc_planes(contents) for kind, contents in kinds if kind == b"hvcC"))
    is_grey = planes == 1.0 and not are_converted
    channels = 1.0 if is_grey and not has_alpha else 4.0 if has_alpha else 3.0
    decoding_bytes = planes * (2 if are_converted else 1) + (1.0 if has_alpha else 0.0) + _HEVC_ROWS_BYTES
    stored_share = across * down / max(1, width * height)
    return Header(
        width,
        height,
        has_alpha,
        opens_apart=True,
        # Grey and alpha are converted to three channels after the rest has been freed.
        pixel_bytes=max(2 * channels, channels + 3.0),
        source_pixel_bytes=decoding_bytes * stored_share + _HEVC_OWN_BYTES / max(1, width * height),
    )


def _displayed(stored: tuple[int, int], properties: Sequence[tuple[bytes, bytes]]) -> tuple[int, int]:
    width, height = stored
    for kind, contents in properties:
        if kind == b"clap":
            width, height = _cropped(contents, width, height)
        elif kind == b"irot" and contents[0] & 1:
            width, height = height, width
    return width, height


def _cropped(contents: bytes, *sides: int) -> tuple[int, int]:
    """The size of a clean aperture (ISO/IEC 14496-12, section 12.1.4) in whole pixels, rounded as by the decoder."""
    numbers = unpack(">IIIIiIiI", contents, 0)
    found = []
    for side, size, offset in zip(sides, (numbers[:2], numbers[2:4]), (numbers[4:6], numbers[6:]), strict=True):
        if 0 in (size[1], offset[1]) or max(map(abs, (*size, *offset))) > _MOST_CHOSEN:
            raise BadHeader
        length = Fraction(*size)
        begin = Fraction(*offset) + Fraction(side - 1, 2) - (length - 1) / 2
        first, last = _rounded(begin), _rounded(length - 1 + _rounded(begin))
        found.append(min(last, side - 1) - max(first, 0) + 1)
    return found[0], found[1]


def _rounded(value: Fraction) -> int:
    """Rounds to the nearest integer, halves upwards."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _hevc_planes(configuration: bytes) -> tuple[float, bool]:
    """Bytes per pixel of the planes, and whether the conversion of colours needs another copy, from HEVC's
    configuration (ISO/IEC 14496-15, section 8.3.3)."""
    colours, luma, chroma = (value & mask for value, mask in zip(configuration[16:19], (3, 7, 7), strict=True))
    is_deep = bool(luma or chroma)
    return _HEVC_SAMPLES[colours] * (2.0 if is_deep else 1.0), is_deep or colours > 1


def _pictures(data: Contents) -> tuple[list[tuple[bytes, bytes]], list[tuple[bytes, bytes]]]:
    """Kinds and contents of all properties, counted from 1, and of those of the primary picture."""
    begin, end = box(data, b"meta")
    if end - begin > _WHOLE_BYTES:
        raise BadHeader
    meta = data[begin:end]
    kinds = _properties(meta)
    return kinds, [kinds[number] for number in _associated(meta, _primary_item(meta)) if number < len(kinds)]


def _has_alpha(kinds: Sequence[tuple[bytes, bytes]]) -> bool:
    return any(kind == b"auxC" and any(name in contents for name in _ALPHA) for kind, contents in kinds)


def _plane_bytes(configuration: bytes) -> float:
    """Bytes per pixel of the planes, from AV1's configuration (AV1 in ISOBMFF, section 2.3.3)."""
    bits = configuration[2]
    samples = 1.0 if bits & _GREY else 1 + 2 / ((2 if bits & _NARROW else 1) * (2 if bits & _LOW else 1))
    return samples * (2.0 if bits & _DEEP else 1.0)


def _orientation(properties: dict[bytes, bytes]) -> int:
    quarters = properties.get(b"irot", b"\0")[0] & 3
    if b"imir" in properties:
        return _MIRRORED[properties[b"imir"][0] & 1][quarters]
    return _TURNED[quarters]


def _primary_item(meta: bytes) -> int:
    place, _ = box(meta, b"pitm", 4)
    (number,) = unpack(">I" if meta[place] else ">H", meta, place + 4)
    return int(number)


def _properties(meta: bytes) -> list[tuple[bytes, bytes]]:
    """Kinds and contents of the shared properties, counted from 1."""
    begin, end = box(meta, b"ipco", *box(meta, b"iprp", 4))
    return [(b"", b""), *((kind, meta[inner:following]) for kind, inner, following in boxes(meta, begin, end))]


def _associated(meta: bytes, item: int) -> Iterator[int]:
    """The numbers of an item's properties."""
    place, end = box(meta, b"ipma", *box(meta, b"iprp", 4))
    item_layout = ">IB" if meta[place] else ">HB"
    is_wide = meta[place + 3] & 1
    (count,) = unpack(">I", meta, place + 4)
    place += 8
    for _ in range(min(count, end - place)):
        number, associations = unpack(item_layout, meta, place)
        place += struct.calcsize(item_layout)
        if number == item:
            layout = f">{associations}{'H' if is_wide else 'B'}"
            yield from (value & (_WIDE_NUMBERS if is_wide else 0x7F) for value in unpack(layout, meta, place))
            return
        place += associations * (2 if is_wide else 1)
