"""HEIC files without an encoder: pictures in boxes, in one piece or in tiles, turned, cropped, with alpha."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tests.support.files.hevc import Plane, parameters, slices

_TILE = 512
_FULL_RANGE = struct.pack(">4sHHHB", b"nclx", 1, 13, 6, 0x80)
_ALPHA = b"urn:mpeg:hevc:2015:auxid:1\0"


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box."""
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data


@dataclass
class _Item:
    kind: bytes
    data: bytes
    properties: list[bytes]
    refers: list[tuple[bytes, list[int]]] = field(default_factory=list)


@dataclass
class _File:
    items: list[_Item] = field(default_factory=list)

    def add(self, item: _Item) -> int:
        self.items.append(item)
        return len(self.items)

    def whole(self, primary: int) -> bytes:
        properties = list(dict.fromkeys(one for item in self.items for one in item.properties))
        associations = b"".join(
            struct.pack(
                f">HB{len(item.properties)}B",
                number,
                len(item.properties),
                *(0x80 | 1 + properties.index(one) for one in item.properties),
            )
            for number, item in enumerate(self.items, 1)
        )
        references = b"".join(
            box(kind, struct.pack(f">HH{len(others)}H", number, len(others), *others))
            for number, item in enumerate(self.items, 1)
            for kind, others in item.refers
        )
        entries = [
            box(b"infe", struct.pack(">IHH4sB", 2 << 24, number, 0, item.kind, 0))
            for number, item in enumerate(self.items, 1)
        ]
        head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")

        def meta(begin: int) -> bytes:
            places = b""
            for number, item in enumerate(self.items, 1):
                places += struct.pack(">HHHII", number, 0, 1, begin, len(item.data))
                begin += len(item.data)
            return box(
                b"meta",
                bytes(4),
                box(b"hdlr", bytes(8), b"pict", bytes(13)),
                box(b"pitm", bytes(4), struct.pack(">H", primary)),
                box(b"iloc", bytes(4), b"\x44\0", struct.pack(">H", len(self.items)), places),
                box(b"iinf", bytes(4), struct.pack(">H", len(entries)), *entries),
                *([box(b"iref", bytes(4), references)] if references else []),
                box(
                    b"iprp",
                    box(b"ipco", *properties),
                    box(b"ipma", bytes(4), struct.pack(">I", len(self.items)), associations),
                ),
            )

        begin = len(head) + len(meta(0)) + 8
        return head + meta(begin) + box(b"mdat", *(item.data for item in self.items))


def heic(picture: Image.Image, *displayed: bytes, tile: int = _TILE, thumbnail: Image.Image | None = None) -> bytes:
    """A picture, of modes L, RGB or RGBA, as a file; what is wider or higher than a tile is put together of such.

    Args:
        picture: what the file is about.
        displayed: properties that say how it is displayed, see `turned` and `cropped`.
        tile: their side, at most 512 pixels.
        thumbnail: a picture that the file is not about.
    """
    file = _File()
    if thumbnail is not None:
        file.add(_coded(_planes(thumbnail)))
    primary = _add(file, _planes(picture.convert("RGB") if picture.mode == "RGBA" else picture), displayed, tile)
    if picture.mode == "RGBA":
        alpha = _add(file, [np.asarray(picture.getchannel("A"))], (box(b"auxC", bytes(4), _ALPHA), *displayed), tile)
        file.items[alpha - 1].refers.append((b"auxl", [primary]))
    return file.whole(primary)


def turned(quarters: int) -> bytes:
    """Anticlockwise by quarters."""
    return box(b"irot", bytes([quarters]))


def mirrored(axis: int) -> bytes:
    """Upside down, or left to right."""
    return box(b"imir", bytes([axis]))


def cropped(width: tuple[int, int], height: tuple[int, int], across: tuple[int, int], down: tuple[int, int]) -> bytes:
    """To a part, whose middle is so far from the picture's; all as fractions."""
    return box(b"clap", struct.pack(">IIIIiIiI", *width, *height, *across, *down))


def _add(file: _File, planes: Sequence[Plane], displayed: Sequence[bytes], tile: int) -> int:
    height, width = planes[0].shape
    if max(width, height) <= tile:
        item = _coded(planes)
        if len(planes) > 1 and (width % 2 or height % 2):
            # Where two samples share a colour there are even numbers of them.
            item.properties.append(cropped((width, 1), (height, 1), (-(width % 2), 2), (-(height % 2), 2)))
        item.properties.extend(displayed)
        return file.add(item)
    tiles = [
        file.add(_coded([_part(plane, top, left, tile, 1 + (number > 0)) for number, plane in enumerate(planes)]))
        for top in range(0, height, tile)
        for left in range(0, width, tile)
    ]
    counts = -(-height // tile) - 1, -(-width // tile) - 1
    data = struct.pack(">BBBBHH", 0, 0, *counts, width, height)
    size = box(b"ispe", bytes(4), struct.pack(">II", width, height))
    return file.add(_Item(b"grid", data, [size, *displayed], [(b"dimg", tiles)]))


def _coded(planes: Sequence[Plane]) -> _Item:
    height, width = (side + (side % 2 if len(planes) > 1 else 0) for side in planes[0].shape)
    units = parameters(width, height, len(planes))
    profile = units[0][1][6:18]
    configuration = struct.pack(
        ">B12sHBBBBHBB",
        1,
        profile,
        0xF000,
        0xFC,
        0xFC | (1 if len(planes) > 1 else 0),
        0xF8,
        0xF8,
        0,
        0x0F,
        len(units),
    )
    for kind, unit in units:
        configuration += struct.pack(">BHH", kind, 1, len(unit)) + unit
    properties = [
        box(b"hvcC", configuration),
        box(b"ispe", bytes(4), struct.pack(">II", width, height)),
        box(b"colr", _FULL_RANGE),
    ]
    return _Item(b"hvc1", slices(planes), properties)


def _planes(picture: Image.Image) -> list[Plane]:
    if picture.mode == "L":
        return [np.asarray(picture)]
    luma, *chroma = (np.asarray(one) for one in picture.convert("YCbCr").split())
    return [luma, *(_halved(plane) for plane in chroma)]


def _halved(plane: Plane) -> Plane:
    even = np.pad(plane, ((0, plane.shape[0] % 2), (0, plane.shape[1] % 2)), "edge").astype(np.uint16)
    return ((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) // 4).astype(np.uint8)


def _part(plane: Plane, top: int, left: int, tile: int, divisor: int) -> Plane:
    """A tile, which is whole even where the picture ends before."""
    side = tile // divisor
    found = plane[top // divisor : top // divisor + side, left // divisor : left // divisor + side]
    return np.pad(found, ((0, side - found.shape[0]), (0, side - found.shape[1])), "edge")
