"""The state of an HTTP request: its caller, and its access log entry."""

from dataclasses import dataclass

from starlette.types import Scope

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.record import CallRecord

CALL = "edgeocr.call"
"""Its key in a request's scope."""


@dataclass(slots=True, eq=False)
class Call:
    """Shared by everything that answers a request.

    Attributes:
        caller: the caller, for fair shares.
        record: its access log entry.
        error: code and reason of its refusal, if known.
    """

    caller: str
    record: CallRecord
    error: tuple[str, str] | None = None


def note_error(scope: Scope, error: EdgeOcrError) -> None:
    """Records the error that the request is answered with."""
    if (call := scope.get(CALL)) is not None:
        call.error = error.code, error.reason or error.code.lower()
