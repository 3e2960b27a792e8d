"""TIFF's directories: one for each page of a TIFF file, and one in which Exif says how an image lies (TIFF 6.0)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SUBFILE_TYPE, WIDTH, HEIGHT, ORIENTATION, TILE_WIDTH, TILE_HEIGHT, EXTRA_SAMPLES = 254, 256, 257, 274, 322, 323, 338
_INTEGERS = {3: "H", 4: "I"}
_SINGLE = (SUBFILE_TYPE, WIDTH, HEIGHT, ORIENTATION, TILE_WIDTH, TILE_HEIGHT)
_NO_PAGE = 0b101
"""Bits of the subfile type: a smaller copy of another page, or a mask for it."""
_ORIENTATIONS = range(1, 9)


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory.

    Attributes:
        order: of its bytes, as struct writes it.
        offset: of the directory in the file.
        values: single integers of the tags that matter here, by tag; the first one of EXTRA_SAMPLES.
        places: where in the file these are.
        next_offset: of the directory after it; 0 for the last.
    """

    order: str
    offset: int
    values: dict[int, int]
    places: dict[int, int]
    next_offset: int

    @property
    def orientation(self) -> int:
        """How its image is to be turned, 1 to 8; 1, as it is, where nothing sensible is said."""
        value = self.values.get(ORIENTATION, 1)
        return value if value in _ORIENTATIONS else 1


def directories(data: bytes) -> Iterator[Directory]:
    """The directories of a file that begins with TIFF's header, those that are no pages of their own left out.

    Raises:
        ValueError, struct.error: a directory is cut off, out of the ordinary, or comes a second time.
    """
    order = {b"II": "<", b"MM": ">"}[bytes(data[:2])]
    (offset,) = struct.unpack_from(order + "I", data, 4)
    seen: set[int] = set()
    while offset or not seen:
        if offset in seen:
            raise ValueError("a directory comes a second time")
        directory = _directory(data, order, offset)
        if not seen or not directory.values.get(SUBFILE_TYPE, 0) & _NO_PAGE:
            yield directory
        seen.add(offset)
        offset = directory.next_offset


def exif_orientation(exif: bytes) -> int:
    """How an image is to be turned, 1 to 8, by its Exif data; 1 if these are damaged."""
    try:
        return next(directories(exif.removeprefix(b"Exif\0\0"))).orientation
    except (KeyError, ValueError, struct.error):
        return 1


def _directory(data: bytes, order: str, offset: int) -> Directory:
    (entries,) = struct.unpack_from(order + "H", data, offset)
    values: dict[int, int] = {}
    places: dict[int, int] = {}
    for place in range(offset + 2, offset + 2 + 12 * entries, 12):
        tag, kind, count = struct.unpack_from(order + "HHI", data, place)
        if tag not in _SINGLE and tag != EXTRA_SAMPLES:
            continue
        if tag in values or kind not in _INTEGERS or (count != 1 and tag in _SINGLE):
            raise ValueError("a tag is out of the ordinary")
        places[tag] = place + 8
        (values[tag],) = struct.unpack_from(order + _INTEGERS[kind], data, place + 8)
    (next_offset,) = struct.unpack_from(order + "I", data, offset + 2 + 12 * entries)
    return Directory(order, offset, values, places, next_offset)
