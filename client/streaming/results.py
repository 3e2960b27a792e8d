"""Results of images of a stream, and their events."""

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
        page_index: index of its page in the document, from 0.
        line_index: its index among the page's detected lines, in reading order.
        line: the line.
        elapsed_seconds: time since the server received the image.
    """

    page_index: int
    line_index: int
    line: Line
    elapsed_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class PageEvent:
    """A page was read, one of the document's `page_count` requested pages, `elapsed_seconds` after the server received
    the image."""

    page: Page
    page_count: int = 1
    elapsed_seconds: float = 0.0


PageTaker = Callable[[KeyT, PageEvent], None]
"""Called with the key of an image for each page as soon as it is read."""


LineTaker = Callable[[KeyT, LineEvent], None]
"""Called for each line as soon as it is read; again for a line that is read again after the connection broke."""


@dataclass(frozen=True, slots=True)
class Takers(Generic[KeyT]):
    """The callbacks for pages and lines; None if not requested."""

    page: PageTaker[KeyT] | None = None
    line: LineTaker[KeyT] | None = None


@dataclass(frozen=True, slots=True)
class ImageRead(Generic[KeyT]):
    """An image that was read; `key` is the caller's."""

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
    """An image that was not read; `timings` are all 0 if the server did not answer."""

    key: KeyT
    error: OcrError
    timings: Timings = _NO_TIMINGS
    document: None = None
    partial: Literal[False] = False


ImageResult = ImageRead[KeyT] | ImageFailed[KeyT]
"""Either a document or an error: after `result.error is None`, type checkers know that `result.document` is not
None."""


def result_of(key: KeyT, completion: ocr_pb2.ImageCompletion, before: Sequence[ReceivedPage] = ()) -> ImageResult[KeyT]:
    """Converts the server's answer, with the pages sent before it; a malformed one becomes INTERNAL."""
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
