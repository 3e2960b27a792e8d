"""TIFF's directories: one for each page of a TIFF file, and one in which Exif says how an image lies (TIFF 6.0)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.values import unpack

SUBFILE_TYPE, WIDTH, HEIGHT, ORIENTATION, TILE_WIDTH, TILE_HEIGHT, EXTRA_SAMPLES = 254, 256, 257, 274, 322, 323, 338
BITS_PER_SAMPLE, COMPRESSION, PHOTOMETRIC, SAMPLES_PER_PIXEL, ROWS_PER_STRIP, SAMPLE_FORMAT = (
    258,
    259,
    262,
    277,
    278,
    339,
)
_INTEGERS = {3: "H", 4: "I"}
_SINGLE = (
    *(SUBFILE_TYPE, WIDTH, HEIGHT, ORIENTATION, TILE_WIDTH, TILE_HEIGHT),
    *(COMPRESSION, PHOTOMETRIC, SAMPLES_PER_PIXEL, ROWS_PER_STRIP),
)
_PER_SAMPLE = (BITS_PER_SAMPLE, SAMPLE_FORMAT)
_MOST_SAMPLES = 64
_NO_PAGE = 0b101
"""Bits of the subfile type: a smaller copy of another page, or a mask for it."""
_ORIENTATIONS = range(1, 9)
_KNOWN = frozenset((*_SINGLE, *_PER_SAMPLE, EXTRA_SAMPLES))
_MOST_ENTRIES = 4096
"""Of a directory; libtiff takes no more."""
_MOST_DIRECTORIES = 1 << 16
_MOST_IN_BETWEEN = 64
"""Directories that are no pages, between one page and the next."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory.

    Attributes:
        order: of its bytes, as struct writes it.
        offset: of the directory in the file.
        values: single integers of the tags that matter here, by tag; the first one of EXTRA_SAMPLES, and the largest
            one of those that each sample has.
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


def directories(data: Contents) -> Iterator[Directory]:
    """The directories of a file that begins with TIFF's header, those that are no pages of their own left out.

    A file may be no more work than its size suggests: its directories must not lie within one another.

    Raises:
        ValueError, struct.error: a directory is cut off, out of the ordinary, or comes a second time; or there are
            too many of them.
    """
    order = {b"II": "<", b"MM": ">"}[data[:2]]
    (offset,) = unpack(order + "I", data, 4)
    seen: set[int] = set()
    left_bytes, in_between = len(data), 0
    while offset or not seen:
        if offset in seen:
            raise ValueError("a directory comes a second time")
        directory, size_bytes = _directory(data, order, offset)
        left_bytes -= size_bytes
        is_page = not seen or not directory.values.get(SUBFILE_TYPE, 0) & _NO_PAGE
        in_between = 0 if is_page else in_between + 1
        if left_bytes < 0 or in_between > _MOST_IN_BETWEEN or len(seen) == _MOST_DIRECTORIES:
            raise ValueError("there are too many directories")
        if is_page:
            yield directory
        seen.add(offset)
        offset = directory.next_offset


def exif_orientation(exif: bytes) -> int:
    """How an image is to be turned, 1 to 8, by its Exif data; 1 if these are damaged."""
    try:
        return next(directories(exif.removeprefix(b"Exif\0\0"))).orientation
    except (KeyError, ValueError, struct.error):
        return 1


def _directory(data: Contents, order: str, offset: int) -> tuple[Directory, int]:
    """A directory, and how many bytes it has."""
    (count,) = unpack(order + "H", data, offset)
    if count > _MOST_ENTRIES:
        raise ValueError("a directory has too many entries")
    begin, end = offset + 2, offset + 2 + 12 * count
    (next_offset,) = unpack(order + "I", data, end)
    values: dict[int, int] = {}
    places: dict[int, int] = {}
    for number, (tag, kind, length) in enumerate(struct.iter_unpack(order + "HHI4x", data[begin:end])):
        if tag not in _KNOWN:
            continue
        if tag in values or kind not in _INTEGERS or (length != 1 and tag in _SINGLE):
            raise ValueError("a tag is out of the ordinary")
        places[tag] = begin + 12 * number + 8
        values[tag] = max(_integers(data, order, kind, length if tag in _PER_SAMPLE else 1, places[tag]))
    return Directory(order, offset, values, places, next_offset), end + 4 - offset


def _integers(data: Contents, order: str, kind: int, length: int, place: int) -> tuple[int, ...]:
    """The values of an entry, which are elsewhere if they are too long for it."""
    if not 1 <= length <= _MOST_SAMPLES:
        raise ValueError("a tag has too many values")
    layout = f"{order}{length}{_INTEGERS[kind]}"
    if struct.calcsize(layout) > 4:
        (place,) = unpack(order + "I", data, place)
    return unpack(layout, data, place)
