"""One request over HTTP: who makes it, and what the access log has of it."""

from dataclasses import dataclass

from starlette.types import Scope

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.record import CallRecord

CALL = "edgeocr.call"
"""Where a request's scope has it."""


@dataclass(slots=True, eq=False)
class Call:
    """Known to all that answers a request.

    Attributes:
        caller: who makes it, as shares are counted.
        record: what the access log has of it.
        error: the code and the reason of what it is refused with, where that is known.
    """

    caller: str
    record: CallRecord
    error: tuple[str, str] | None = None


def note_error(scope: Scope, error: EdgeOcrError) -> None:
    """The request is answered with an error."""
    if (call := scope.get(CALL)) is not None:
        call.error = error.code, error.reason or error.code.lower()
