"""The result of one image among many, and its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc

from edgeocr.client.answers import document_of, timings_of
from edgeocr.client.errors import OcrError
from edgeocr.document import Document, Line, Page, Timings
from edgeocr.proto.edgeocr.v1 import ocr_pb2

KeyT = TypeVar("KeyT")


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
class ImageResult(Generic[KeyT]):
    """Either a document or an error, never both.

    `key` is what the caller named the image by. `timings` (seconds on the server) are all 0 if the server did not
    answer for this image.
    """

    key: KeyT
    document: Document | None
    error: OcrError | None
    timings: Timings

    @property
    def partial(self) -> bool:
        """Whether time ran out before all lines of the document were read."""
        return self.document is not None and self.document.partial

    @classmethod
    def from_completion(
        cls, key: KeyT, completion: ocr_pb2.ImageCompletion, pages: Sequence[Page] = ()
    ) -> "ImageResult[KeyT]":
        """The server's answer, with the pages that came before it; a malformed one becomes INTERNAL."""
        timings = timings_of(completion.timings)
        match completion.WhichOneof("outcome"):
            case "document":
                try:
                    document = document_of(completion.document, completion.timings, pages)
                except OcrError as malformed:
                    return cls(key, None, malformed, timings)
                return cls(key, document, None, timings)
            case "error":
                return cls(key, None, OcrError.from_status(completion.error), timings)
            case _:
                error = OcrError(grpc.StatusCode.INTERNAL, "the server's completion has no outcome")
                return cls(key, None, error, timings)

    @classmethod
    def from_error(cls, key: KeyT, error: OcrError) -> "ImageResult[KeyT]":
        """The result of an image that the server did not answer for."""
        return cls(key, None, error, Timings())
