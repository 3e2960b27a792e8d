"""What became of one image among many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import grpc

from edgeocr.client.answers import check_document, check_timings
from edgeocr.client.errors import OcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2

KeyT = TypeVar("KeyT")


PageTaker = Callable[[KeyT, ocr_pb2.PageEvent], None]
"""Told of a page as soon as it is read, with the caller's name for its document."""


LineTaker = Callable[[KeyT, ocr_pb2.LineEvent], None]
"""Told of a line as soon as it is read; of one that is read anew, since the connection broke, once more."""


@dataclass(frozen=True, slots=True)
class ImageResult(Generic[KeyT]):
    """Either a document or an error, never both.

    `key` is what the caller named the image by. `timings` (seconds on the server) are all 0 if the server did not
    answer for this image.
    """

    key: KeyT
    document: ocr_pb2.Document | None
    error: OcrError | None
    timings: ocr_pb2.Timings

    @property
    def partial(self) -> bool:
        """Whether time ran out before all lines of the document were read."""
        return self.document is not None and any(page.partial for page in self.document.pages)

    @classmethod
    def from_completion(cls, key: KeyT, completion: ocr_pb2.ImageCompletion) -> "ImageResult[KeyT]":
        """The server's answer; one that is not as the contract has it becomes INTERNAL."""
        check_timings(completion.timings)
        match completion.WhichOneof("outcome"):
            case "document":
                try:
                    check_document(completion.document)
                except OcrError as malformed:
                    return cls(key, None, malformed, completion.timings)
                return cls(key, completion.document, None, completion.timings)
            case "error":
                return cls(key, None, OcrError.from_status(completion.error), completion.timings)
            case _:
                error = OcrError(grpc.StatusCode.INTERNAL, "the server's completion has no outcome")
                return cls(key, None, error, completion.timings)

    @classmethod
    def from_error(cls, key: KeyT, error: OcrError) -> "ImageResult[KeyT]":
        """The result of an image that the server did not answer for."""
        return cls(key, None, error, ocr_pb2.Timings())
