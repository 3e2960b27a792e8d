"""Errors of serving: those that keep the server from starting, and those that callers see with their gRPC code.

Errors of reading are in `edgeocr.model.errors`.
"""

from edgeocr.model.errors import Code, EdgeOcrError, InvalidInput, Limit, TooLarge


class StartError(Exception):
    """The server cannot start; the text says why."""


class ServerFault(Exception):
    """The server cannot go on; the text says why."""


class QueueFull(EdgeOcrError):
    """No room: try again later."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "queue_full"

    def __init__(self, message: str, limit: Limit, retry_seconds: float) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_seconds = retry_seconds


class ShareFull(QueueFull):
    """No room for more of this caller: try again later."""

    reason = "share_full"


class QueueTimeout(QueueFull):
    """It waited for longer than it was to: try again later."""

    reason = "queue_timeout"


class MemoryFull(QueueFull):
    """No memory for one more image: try again later."""

    reason = "memory_full"


class SpoolFull(QueueFull):
    """No room on disk for one more large file: try again later."""

    reason = "spool_full"


class Draining(EdgeOcrError):
    """The server is about to stop: try another."""

    code = Code.UNAVAILABLE
    reason = "draining"


class Unauthenticated(EdgeOcrError):
    """The call carries no known token."""

    code = Code.UNAUTHENTICATED


class DeadlineExceeded(EdgeOcrError):
    """The answer would come too late."""

    code = Code.DEADLINE_EXCEEDED


class Cancelled(EdgeOcrError):
    """Nobody waits for the answer."""

    code = Code.CANCELLED


class TooCostly(TooLarge):
    """Opening a file takes more memory than there is for that."""

    reason = "beyond_memory"


class TooSlow(TooLarge):
    """Opening a file takes more time than it may."""

    reason = "too_slow"


class BeyondMemory(TooLarge):
    """Reading the image would take more memory than images may ever have."""

    reason = "beyond_memory"


class CallsFull(QueueFull):
    """No room for one more call: try again later."""

    reason = "calls_full"


class StreamEnded(EdgeOcrError):
    """The server ends a stream that it could go on with another time: images without an answer may be sent again."""

    code = Code.UNAVAILABLE

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason  # type: ignore[misc]  # a class of its own for each would say no more


class UnknownModel(EdgeOcrError):
    """There is no such model, or not in that version."""

    code = Code.NOT_FOUND


class UnknownMethod(EdgeOcrError):
    """There is no such method."""

    code = Code.UNIMPLEMENTED


class MetadataTooLarge(TooLarge):
    """A call's metadata is beyond its limit."""

    reason = "metadata_too_large"


class UnsupportedMedia(InvalidInput):
    """The body is of no type that is taken."""


class SlowUpload(DeadlineExceeded):
    """The body did not come."""
