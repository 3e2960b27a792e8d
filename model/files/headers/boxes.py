"""The boxes of JPEG 2000, AVIF and HEIF files (ISO/IEC 14496-12, section 4.2; T.800, annex I.4)."""

from collections.abc import Iterator

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.headers.values import BadHeader, unpack

_MOST_BOXES = 4096
"""Maximum number of boxes within a box; files have some tens."""


def boxes(data: Contents, begin: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, offset and end of the contents of consecutive boxes.

    Raises:
        BadHeader: a box exceeds the end of its parent, or there are too many.
        struct.error: a box is truncated.
    """
    end = len(data) if end is None else end
    for _ in range(_MOST_BOXES):
        if begin >= end:
            return
        length, kind = unpack(">I4s", data, begin)
        contents = begin + 8
        if length == 1:
            (length,) = unpack(">Q", data, contents)
            contents += 8
        following = begin + length if length else end
        if not contents <= following <= end:
            raise BadHeader
        yield kind, contents, following
        begin = following
    raise BadHeader


def box(data: Contents, kind: bytes, begin: int = 0, end: int | None = None) -> tuple[int, int]:
    """Start and end of the contents of the first box of a kind.

    Raises:
        BadHeader, struct.error: there is none, or data before it is damaged.
    """
    for found, inner, following in boxes(data, begin, end):
        if found == kind:
            return inner, following
    raise BadHeader
