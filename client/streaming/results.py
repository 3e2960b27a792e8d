"""The result of one image among many, and its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import grpc

from edgeocr.client.answers import ReceivedPage, document_of, timings_of
from edgeocr.client.errors import OcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Document, Line, Page, Timings

KeyT = TypeVar("KeyT")

_NO_TIMINGS = Timings()


@dataclass(frozen=True, slots=True)
class LineEvent:
    """A line was read.

    Attributes:
        page_index: place of its page in the document, from 0.
        line_index: its place among the page's detected lines, in reading order.
        line: the line.
        elapsed_seconds: since the server had the image.
    """

    page_index: int
    line_index: int
    line: Line
    elapsed_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A page was read, one of `page_count` that its document is read for, `elapsed_seconds` after the image came."""

    page: Page
    page_count: int = 1
    elapsed_seconds: float = 0.0


PageTaker = Callable[[KeyT, PageEvent], None]
"""Called for a page as soon as it is read, with the caller's name for its document."""


LineTaker = Callable[[KeyT, LineEvent], None]
"""Called for a line as soon as it is read; for one that is read again, since the connection broke, once more."""


@dataclass(frozen=True, slots=True)
class Takers(Generic[KeyT]):
    """What is called for pages and for lines as they come; None where nobody asked for them."""

    page: PageTaker[KeyT] | None = None
    line: LineTaker[KeyT] | None = None


@dataclass(frozen=True, slots=True)
class ImageRead(Generic[KeyT]):
    """An image that was read; `key` is what the caller named it by."""

    key: KeyT
    document: Document
    error: None = None

    @property
    def timings(self) -> Timings:
        """Seconds on the server."""
        return self.document.timings

    @property
    def partial(self) -> bool:
        """Whether time ran out before all lines of the document were read."""
        return self.document.partial


@dataclass(frozen=True, slots=True)
class ImageFailed(Generic[KeyT]):
    """An image that was not read; `timings` are all 0 if the server did not answer for it."""

    key: KeyT
    error: OcrError
    timings: Timings = _NO_TIMINGS
    document: None = None
    partial: Literal[False] = False


ImageResult = ImageRead[KeyT] | ImageFailed[KeyT]
"""Either a document or an error: where `result.error is None`, type checkers know that `result.document` is not."""


def result_of(key: KeyT, completion: ocr_pb2.ImageCompletion, before: Sequence[ReceivedPage] = ()) -> ImageResult[KeyT]:
    """The server's answer, with the pages that came before it; a malformed one becomes INTERNAL."""
    match completion.WhichOneof("outcome"):
        case "document":
            try:
                return ImageRead(key, document_of(completion.document, completion.timings, before))
            except OcrError as malformed:
                error = malformed
        case "error":
            error = OcrError.from_status(completion.error)
        case _:
            error = OcrError(grpc.StatusCode.INTERNAL, "the server's completion has no outcome")
    return ImageFailed(key, error, timings_of(completion.timings))
