"""Errors of reading and serving, each with the canonical code that a client sees.

A message of these errors is written for the client: it names the field and the limit and holds no internals.
Any other exception is a bug and reaches the client as a fixed text.
"""

import errno
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from edgeocr.errors import ReadingError

_log = logging.getLogger(__name__)
_NOTHING_LEFT = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""Of memory, or of descriptors: both are there again when other work is done."""


class Code(StrEnum):
    """The canonical codes (google.rpc.Code) that edgeocr answers with, by name."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELLED = "CANCELLED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    UNAVAILABLE = "UNAVAILABLE"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INTERNAL = "INTERNAL"
    UNIMPLEMENTED = "UNIMPLEMENTED"


INTERNAL_TEXT = "internal error; the server's log has its cause"
"""The text that a client gets for an unexpected error."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that an image met: its name as settings and the contract write it, its value, and what was asked."""

    name: str
    value: float
    asked: float


class EdgeOcrError(ReadingError):
    """An error whose text may be shown to a client."""

    code: ClassVar[Code] = Code.INTERNAL

    reason: ClassVar[str] = ""
    """For programs, and for the metric of refusals: the resource that was lacking; empty for other errors."""

    limit: Limit | None = None
    """The limit that caused it, if one did."""

    @property
    def code_name(self) -> str:
        """The name of its code."""
        return self.code.name

    def bare(self) -> Self:
        """Itself without what led to it: tracebacks have frames, these hold images, and cycles keep them long."""
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self


class InvalidInput(EdgeOcrError):
    """A field of the request is wrong."""

    code = Code.INVALID_ARGUMENT


class UnknownFormat(InvalidInput):
    """An image is of no format that is read."""


class Locked(EdgeOcrError):
    """The file is encrypted, and no password, or none that is understood, opens it."""

    code = Code.FAILED_PRECONDITION


class TooLarge(EdgeOcrError):
    """An image is beyond a size limit, and always will be."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "too_large"

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class OutOfMemory(EdgeOcrError):
    """An allocation failed while an image was read."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "out_of_memory"

    def __init__(self) -> None:
        super().__init__("the server has no memory or descriptors left to read this image now")
        self.retry_seconds = 1.0


class BadModel(EdgeOcrError):
    """A weights file or its manifest is missing, altered or unusable."""

    code = Code.FAILED_PRECONDITION


def expected(error: BaseException) -> EdgeOcrError:
    """The error that a caller gets for any error; an unexpected one is logged, and its text is kept from the caller."""
    if isinstance(error, EdgeOcrError):
        return error
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _NOTHING_LEFT):
        return OutOfMemory()
    _log.error("an image could not be read", exc_info=error)
    return EdgeOcrError(INTERNAL_TEXT)
