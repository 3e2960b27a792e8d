"""Options of documents: the pages to read, and the resolution of pages without pixels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from operator import attrgetter

from edgeocr.model.errors import InvalidInput, Limit, TooLarge
from edgeocr.model.limits import Limits

DOTS_PER_INCH, LEAST_DOTS_PER_INCH, MOST_DOTS_PER_INCH = 200.0, 36.0, 1200.0
"""Default resolution for pages without pixels, and the range of resolutions."""


class TextLayer(StrEnum):
    """How embedded text of a page is treated: ignored, or returned instead of recognition."""

    IGNORE = "ignore"
    USE = "use"


@dataclass(frozen=True, slots=True)
class PageRange:
    """A range of page indices from 0, ends included; None as the last means all from the first on."""

    first: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentOptions:
    """Options of a document.

    Attributes:
        ranges: the requested pages; empty means all.
        dots_per_inch: resolution of pages without pixels.
        password: opens an encrypted file.
        text_layer: whether embedded text is used.
    """

    ranges: tuple[PageRange, ...] = ()
    dots_per_inch: float = DOTS_PER_INCH
    password: str = field(default="", repr=False)
    text_layer: TextLayer = TextLayer.IGNORE

    def select(self, count: int, limits: Limits) -> Sequence[int]:
        """The indices of the requested pages among `count`, in order and without duplicates.

        Raises:
            InvalidInput: a range begins after the last page.
            TooLarge: there are more pages than the limit.
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
        """The ranges, clipped to the document, in order and without overlaps."""
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
"""The default options."""
