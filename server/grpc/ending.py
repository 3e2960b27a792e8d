"""How a call ends with an error: its code, its text, and what these have no place for."""

from typing import Any

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.grpc import convert

_STATUS_KEY = "grpc-status-details-bin"


async def abort(context: Any, error: EdgeOcrError) -> None:
    """Ends a call; does not return."""
    # What gRPC's own code and text have no place for goes where clients look for a google.rpc.Status.
    details = ((_STATUS_KEY, convert.status_message(error).SerializeToString()),)
    await context.abort(convert.status_code(error), str(error), details)
