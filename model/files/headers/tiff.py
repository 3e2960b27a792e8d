"""TIFF directories, of TIFF pages and of Exif data (TIFF 6.0; BigTIFF, whose offsets and counts have eight bytes)."""

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
PLANAR = 284
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
_BYTE, _SHORT = 1, 3
_SINGLE = (
    *(SUBFILE_TYPE, WIDTH, HEIGHT, ORIENTATION, TILE_WIDTH, TILE_HEIGHT),
    *(COMPRESSION, PHOTOMETRIC, SAMPLES_PER_PIXEL, ROWS_PER_STRIP),
)
_PER_SAMPLE = (BITS_PER_SAMPLE, SAMPLE_FORMAT)
_MOST_SAMPLES = 64
_NO_PAGE = 0b101
"""Bits of the subfile type for a reduced copy or a mask of another page."""
_ORIENTATIONS = range(1, 9)
_KNOWN = frozenset((*_SINGLE, *_PER_SAMPLE, EXTRA_SAMPLES))
_MOST_ENTRIES = 4096
"""Maximum entries of a directory, as in libtiff."""
_MOST_DIRECTORIES = 1 << 16
_MOST_IN_BETWEEN = 64
"""Maximum number of other directories between two pages."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """The layout of offsets, counts and entries, as struct formats.

    Attributes:
        order: byte order.
        first: position of the first directory's offset.
        offset: format of offsets, which is also the size of values within an entry.
        count: format of the number of entries.
        entry: format of tag, type and number of values, which are followed by the values or their offset.
    """

    order: str
    first: int
    offset: str
    count: str
    entry: str

    @property
    def is_big(self) -> bool:
        """Whether the file is BigTIFF."""
        return self.offset == "Q"

    @property
    def inline_bytes(self) -> int:
        """Size of the values within an entry."""
        return struct.calcsize(self.offset)

    @property
    def entry_bytes(self) -> int:
        """Size of an entry with its values."""
        return struct.calcsize("<" + self.entry) + self.inline_bytes


_BIG_VERSION = 43
_CLASSIC, _BIG = (4, "I", "H", "HHI"), (8, "Q", "Q", "HHQ")


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory.

    Attributes:
        layout: layout of the file.
        offset: offset of the directory in the file.
        values: integers of relevant tags, by tag; the first of EXTRA_SAMPLES, and the largest of values per sample.
        places: offsets of their entries.
        odd: tags that must be rewritten as short integers, since decoders interpret them differently.
        next_offset: offset of the next directory; 0 for the last.
    """

    layout: _Layout
    offset: int
    values: dict[int, int]
    places: dict[int, int]
    next_offset: int
    odd: frozenset[int] = frozenset()

    @property
    def orientation(self) -> int:
        """The orientation of its image, 1 to 8; 1 if missing or invalid."""
        value = self.values.get(ORIENTATION, 1)
        return value if value in _ORIENTATIONS else 1

    def as_first(self) -> tuple[int, bytes]:
        """The patches that make this the first directory of the file."""
        return self.layout.first, struct.pack(self.layout.order + self.layout.offset, self.offset)

    def changed(self, tag: int, value: int) -> tuple[int, bytes]:
        """The patches that make a tag of this directory one short integer."""
        order, entry = self.layout.order, self.layout.entry
        return self.places[tag], struct.pack(order + entry + "H", tag, _SHORT, 1, value)


def directories(data: Contents) -> Iterator[Directory]:
    """Yields the directories of pages in a file that begins with a TIFF header.

    Directories must not overlap, so that the work is bounded by the file's size.

    Raises:
        ValueError, struct.error: a directory is truncated, unusual or repeated, or there are too many.
    """
    layout = _layout(data[:8])
    (offset,) = unpack(layout.order + layout.offset, data, layout.first)
    seen: set[int] = set()
    left_bytes, in_between = len(data), 0
    while offset or not seen:
        if offset in seen:
            raise ValueError("a directory comes a second time")
        directory, size_bytes = _directory(data, layout, offset)
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
    """The orientation in Exif data, 1 to 8; 1 if the data is damaged."""
    try:
        return next(directories(exif.removeprefix(b"Exif\0\0"))).orientation
    except (KeyError, ValueError, struct.error):
        return 1


def _layout(head: bytes) -> _Layout:
    order = {b"II": "<", b"MM": ">"}[head[:2]]
    version, offset_bytes, reserved = struct.unpack(order + "HHH", head[2:8])
    if version != _BIG_VERSION:
        return _Layout(order, *_CLASSIC)
    if (offset_bytes, reserved) != (8, 0):
        raise ValueError("offsets have another length")
    return _Layout(order, *_BIG)


def _directory(data: Contents, layout: _Layout, offset: int) -> tuple[Directory, int]:
    """A directory, and its size in bytes."""
    order = layout.order
    (count,) = unpack(order + layout.count, data, offset)
    if count > _MOST_ENTRIES:
        raise ValueError("a directory has too many entries")
    begin = offset + struct.calcsize(layout.count)
    end = begin + layout.entry_bytes * count
    (next_offset,) = unpack(order + layout.offset, data, end)
    values: dict[int, int] = {}
    places: dict[int, int] = {}
    odd: set[int] = set()
    entries = struct.iter_unpack(f"{order}{layout.entry}{layout.inline_bytes}x", data[begin:end])
    for number, (tag, kind, length) in enumerate(entries):
        if tag not in _KNOWN:
            continue
        place = begin + layout.entry_bytes * number
        inline = place + layout.entry_bytes - layout.inline_bytes
        if kind == _BYTE and length == 1:
            odd.add(tag)
        if tag == ORIENTATION and tag not in places and (kind, length) != (_SHORT, 1):
            # No value of this tag is a reason to refuse a page.
            odd.add(tag)
            places[tag] = place
            if kind in _INTEGERS and 1 <= length <= _MOST_SAMPLES:
                values[tag] = _integers(data, layout, kind, length, inline)[0]
            continue
        if tag in places or kind not in _INTEGERS or (length != 1 and tag in _SINGLE):
            raise ValueError("a tag is out of the ordinary")
        places[tag] = place
        values[tag] = max(_integers(data, layout, kind, length if tag in _PER_SAMPLE else 1, inline))
    found = Directory(layout, offset, values, places, next_offset, frozenset(odd))
    return found, end + layout.inline_bytes - offset


def _integers(data: Contents, layout: _Layout, kind: int, length: int, place: int) -> tuple[int, ...]:
    """The values of an entry, which are stored elsewhere if they do not fit."""
    if not 1 <= length <= _MOST_SAMPLES:
        raise ValueError("a tag has too many values")
    values = f"{layout.order}{length}{_INTEGERS[kind]}"
    if struct.calcsize(values) > layout.inline_bytes:
        (place,) = unpack(layout.order + layout.offset, data, place)
    return unpack(values, data, place)
