"""Errors of reading and serving, each with the canonical code that a client sees.

A message of these errors is written for the client: it names the field and the limit and holds no internals.
Any other exception is a bug and reaches the client as a fixed text.
"""

from enum import StrEnum
from typing import ClassVar


class Code(StrEnum):
    """The canonical codes (google.rpc.Code) that edgeocr answers with, by name."""

    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    RESOURCE_EXHAUSTED = "RESOURCE_EXHAUSTED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    CANCELLED = "CANCELLED"
    UNAVAILABLE = "UNAVAILABLE"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    INTERNAL = "INTERNAL"


INTERNAL_TEXT = "internal error; the server's log has its cause"
"""What a client is told of an error that nobody expected."""


class EdgeOcrError(Exception):
    """An error whose text may be shown to a client."""

    code: ClassVar[Code] = Code.INTERNAL

    retry_seconds: float | None = None
    """When asking again may help, in seconds from now; None if it would not."""


class InvalidInput(EdgeOcrError):
    """A field of the request is wrong."""

    code = Code.INVALID_ARGUMENT


class TooLarge(EdgeOcrError):
    """An image is beyond a size limit."""

    code = Code.RESOURCE_EXHAUSTED


class BadModel(EdgeOcrError):
    """A weights file or its manifest is missing, altered or unusable."""

    code = Code.FAILED_PRECONDITION
