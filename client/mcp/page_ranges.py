"""Ranges of pages that one call reads, and those left for the next."""

from edgeocr.choices import DocumentChoice

Range = tuple[int, int | None]
"""First and last page, from 0; the last is None in an open range."""


def split_pages(pages: str, most: int) -> tuple[str, str]:
    """Splits a list such as "1-3,7,9-" into at most the given number of pages, and the remaining list, which may be
    empty.

    Raises:
        ValueError: the list is malformed.
    """
    room = most
    now: list[Range] = []
    later: list[Range] = []
    for first, last in DocumentChoice(pages or "1-").ranges():
        end = first + room - 1 if last is None else min(last, first + room - 1)
        if room:
            now.append((first, end))
        if last is None or end < last:
            later.append((max(first, end + 1), last))
        room -= max(0, end - first + 1)
    return _text(now), _text(later)


def count(pages: str) -> int:
    """The number of pages in a list without open ranges."""
    return sum((last or first) - first + 1 for first, last in DocumentChoice(pages).ranges())


def _text(ranges: list[Range]) -> str:
    return ",".join(_one(first, last) for first, last in ranges)


def _one(first: int, last: int | None) -> str:
    if last is None:
        return f"{first + 1}-"
    return str(first + 1) if first == last else f"{first + 1}-{last + 1}"
