"""Errors that clients see, each with its canonical code.

Their messages are written for the client: they name the field and the limit, and contain no internals. Any other
exception is a bug, for which the client receives a fixed text.
"""

import errno
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

from edgeocr.errors import ReadingError

_log = logging.getLogger(__name__)
_NOTHING_LEFT = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE})
"""errno values for lack of memory or descriptors, which are temporary."""


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
"""The client's text for an unexpected error."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An exceeded limit: its name in settings and the contract, its value, and the requested value."""

    name: str
    value: float
    asked: float


class EdgeOcrError(ReadingError):
    """An error whose text clients may see."""

    code: ClassVar[Code] = Code.INTERNAL

    reason: ClassVar[str] = ""
    """The lacking resource, for programs and the metric of refusals; empty for other errors."""

    limit: Limit | None = None
    """The exceeded limit, if any."""

    @property
    def code_name(self) -> str:
        """The name of its code."""
        return self.code.name

    def bare(self) -> Self:
        """The error without traceback and cause, whose frames would keep images alive."""
        self.__traceback__ = self.__context__ = self.__cause__ = None
        return self


class InvalidInput(EdgeOcrError):
    """A field of the request is invalid."""

    code = Code.INVALID_ARGUMENT


class UnknownFormat(InvalidInput):
    """An image's format is not supported."""


class Locked(EdgeOcrError):
    """The file is encrypted, and no password was given, or the encryption is not supported."""

    code = Code.FAILED_PRECONDITION


class TooLarge(EdgeOcrError):
    """An image permanently exceeds a size limit."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "too_large"

    def __init__(self, message: str, limit: Limit) -> None:
        super().__init__(message)
        self.limit = limit


class OutOfMemory(EdgeOcrError):
    """An allocation failed while reading an image."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "out_of_memory"

    def __init__(self) -> None:
        super().__init__("the server has no memory or descriptors left to read this image now")
        self.retry_seconds = 1.0


class BadModel(EdgeOcrError):
    """A weights file or its manifest is missing, altered or unusable."""

    code = Code.FAILED_PRECONDITION


def expected(error: BaseException) -> EdgeOcrError:
    """The client's error for any exception; an unexpected one is logged, and its text is withheld."""
    if isinstance(error, EdgeOcrError):
        return error
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _NOTHING_LEFT):
        return OutOfMemory()
    _log.error("an image could not be read", exc_info=error)
    return EdgeOcrError(INTERNAL_TEXT)
