"""The header of AVIF, as of other files that hold pictures in boxes: what is said of the picture that a file is about
(ISO/IEC 23008-12, sections 6, 9 and 10; AV1 Image File Format).
"""

import struct
from collections.abc import Iterator

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.boxes import box, boxes
from edgeocr.model.files.headers.values import BadHeader, Header, unpack

AVIF_BRANDS = (b"avif", b"avis")
_GENERAL_BRANDS = (b"mif1", b"msf1")
_WHOLE_BYTES = 1 << 22
"""Of what describes the pictures, which is read at once: it takes some kilobytes."""
_WIDE_NUMBERS = 0x7FFF
_TURNED = (1, 8, 3, 6)
_MIRRORED = ((4, 5, 2, 7), (2, 7, 4, 5))
"""Exif's orientations of what is turned anticlockwise by 0 to 3 quarters, and then mirrored: upside down, or left to
right."""
_NO_PLANES, _DEEP, _GREY, _NARROW, _LOW = 3.0, 0x40, 0x10, 0x08, 0x04
"""Samples of a pixel where nothing is said of them; bits of AV1's configuration."""
_OWN_BYTES = 1 << 20
"""That libavif takes for any file."""
_COPY_BYTES = 4.0
"""Of Pillow's image, whose pixels have four bytes however few are used."""


def is_of_brand(head: bytes, brands: tuple[bytes, ...]) -> bool:
    """Whether a file's first bytes name a brand as its own, or, where that is a general one, among others."""
    if head[4:8] != b"ftyp":
        return False
    end = min(len(head), int.from_bytes(head[:4], "big"))
    others = (head[begin : begin + 4] for begin in range(16, end - 3, 4))
    return head[8:12] in brands or (head[8:12] in _GENERAL_BRANDS and any(other in brands for other in others))


def read_avif(data: Contents) -> Header:
    """Its turns are done by the caller. A decoder goes by what the pictures' own data say, and is checked for that."""
    begin, end = box(data, b"meta")
    if end - begin > _WHOLE_BYTES:
        raise BadHeader
    meta = data[begin:end]
    kinds = _properties(meta)
    own = [kinds[number] for number in _associated(meta, _primary_item(meta)) if number < len(kinds)]
    # The first one of a kind counts.
    properties = dict(reversed(own))
    width, height = unpack(">II", properties[b"ispe"], 4)
    has_alpha = any(kind == b"auxC" and b"alpha" in contents for kind, contents in kinds)
    plane_bytes = max((_plane_bytes(contents) for kind, contents in kinds if kind == b"av1C"), default=2 * _NO_PLANES)
    if b"av1C" not in properties:
        # It is put together of tiles, which are there as well.
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


def _plane_bytes(configuration: bytes) -> float:
    """Of a pixel, by AV1's configuration (AV1 in ISOBMFF, section 2.3.3)."""
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
    """Kinds and contents of the properties that items may have, counted from 1."""
    begin, end = box(meta, b"ipco", *box(meta, b"iprp", 4))
    return [(b"", b""), *((kind, meta[inner:following]) for kind, inner, following in boxes(meta, begin, end))]


def _associated(meta: bytes, item: int) -> Iterator[int]:
    """Numbers of an item's properties."""
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
