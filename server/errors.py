"""Errors of serving: those that prevent a start, and those that callers receive with a gRPC code.

Errors of reading are in `edgeocr.model.errors`.
"""

from edgeocr.model.errors import Code, EdgeOcrError, InvalidInput, Limit, TooLarge


class StartError(Exception):
    """The server cannot start; the text says why."""


class ServerFault(Exception):
    """The server cannot continue; the text says why."""


class QueueFull(EdgeOcrError):
    """The queue is full: try again later."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "queue_full"

    def __init__(self, message: str, limit: Limit, retry_seconds: float) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_seconds = retry_seconds


class ShareFull(QueueFull):
    """The caller has used its share of the queue: try again later."""

    reason = "share_full"


class QueueTimeout(QueueFull):
    """The image waited longer than allowed: try again later."""

    reason = "queue_timeout"


class MemoryFull(QueueFull):
    """No memory for one more image: try again later."""

    reason = "memory_full"


class SpoolFull(QueueFull):
    """No room on disk for one more large file: try again later."""

    reason = "spool_full"


class Draining(EdgeOcrError):
    """The server is shutting down: try another."""

    code = Code.UNAVAILABLE
    reason = "draining"


class Unauthenticated(EdgeOcrError):
    """The call has no valid token."""

    code = Code.UNAUTHENTICATED


class DeadlineExceeded(EdgeOcrError):
    """The deadline has passed."""

    code = Code.DEADLINE_EXCEEDED


class Cancelled(EdgeOcrError):
    """The caller has gone."""

    code = Code.CANCELLED


class TooCostly(TooLarge):
    """Opening a file needs more memory than is allowed."""

    reason = "beyond_memory"


class TooSlow(TooLarge):
    """Opening a file takes longer than allowed."""

    reason = "too_slow"


class BeyondMemory(TooLarge):
    """Reading the image needs more memory than the budget can ever provide."""

    reason = "beyond_memory"


class CallsFull(QueueFull):
    """Too many open calls: try again later."""

    reason = "calls_full"


class StreamEnded(EdgeOcrError):
    """The server ends a stream for lack of resources: images without an answer may be sent again."""

    code = Code.UNAVAILABLE

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason  # type: ignore[misc]  # a class of its own for each would say no more


class UnknownModel(EdgeOcrError):
    """The model or its version does not exist."""

    code = Code.NOT_FOUND


class UnknownMethod(EdgeOcrError):
    """The method does not exist."""

    code = Code.UNIMPLEMENTED


class MetadataTooLarge(TooLarge):
    """A call's metadata exceeds the limit."""

    reason = "metadata_too_large"


class UnsupportedMedia(InvalidInput):
    """The body's media type is not supported."""


class SlowUpload(DeadlineExceeded):
    """The body did not arrive in time."""
