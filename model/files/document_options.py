"""What is wanted of a file of pages: which of them, and how those are drawn that have no pixels of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from operator import attrgetter

from edgeocr.model.errors import InvalidInput, Limit, TooLarge
from edgeocr.model.limits import Limits

DOTS_PER_INCH, LEAST_DOTS_PER_INCH, MOST_DOTS_PER_INCH = 200.0, 36.0, 1200.0
"""Resolution at which pages that have none of their own are drawn, and which others may be asked for."""


class TextLayer(StrEnum):
    """What becomes of text that a page holds as such: it is ignored, or answered in place of reading."""

    IGNORE = "ignore"
    USE = "use"


@dataclass(frozen=True, slots=True)
class PageRange:
    """Pages by their places in the document, from 0, both included; with None for the last, all from the first on."""

    first: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """How a file of pages is read.

    Attributes:
        ranges: the pages that are wanted; none means all.
        dots_per_inch: at which pages are drawn that have no pixels of their own.
        password: opens an encrypted file.
        text_layer: whether text that pages hold as such is used.
    """

    ranges: tuple[PageRange, ...] = ()
    dots_per_inch: float = DOTS_PER_INCH
    password: str = field(default="", repr=False)
    text_layer: TextLayer = TextLayer.IGNORE

    def select(self, count: int, limits: Limits) -> Sequence[int]:
        """The places of the wanted pages of a document that has so many, each once, in its order.

        Raises:
            InvalidInput: a range begins behind the last page.
            TooLarge: these are more pages than may be read.
        """
        wanted = [range(count)] if not self.ranges else [*self._apart(count)]
        length = sum(map(len, wanted))
        if length > limits.document_pages:
            raise TooLarge(
                f"document: {length} pages, the limit is {limits.document_pages} (document_pages); "
                "ask for fewer at a time",
                Limit("document_pages", limits.document_pages, length),
            )
        return [*chain.from_iterable(wanted)]

    def _apart(self, count: int) -> Iterator[range]:
        """The ranges as far as the document has such pages, in its order, without those that others have."""
        for number, pages in enumerate(self.ranges):
            if pages.first >= count:
                raise InvalidInput(
                    f"document.pages[{number}]: page {pages.first + 1} is asked for, and the document's last page is "
                    f"{count} (counted from 1)"
                )
        end = 0
        for pages in sorted(self.ranges, key=attrgetter("first")):
            begin, end = max(end, pages.first), max(end, count if pages.last is None else min(count, pages.last + 1))
            yield range(begin, end)


ALL_PAGES = DocumentOptions()
"""What is read if nothing is said."""
