"""How calls end with an error: its code and text, its details, and the id that the call is known by."""

from typing import Any

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.identifiers import REQUEST_ID
from edgeocr.server.grpc.call import CURRENT
from edgeocr.server.grpc.messages import convert


async def refuse(context: Any, error: EdgeOcrError) -> None:
    """Ends the running call; it has a line of its own in the access log unless the error is that of its images.

    Raises:
        grpc.aio.AbortError: always, as gRPC wants it.
    """
    trailers: tuple[tuple[str, str | bytes], ...] = convert.status_details(error)
    if (call := CURRENT.get(None)) is not None:
        trailers = (*trailers, (REQUEST_ID, call.record.request_id))
        if call.is_stream or not call.record.images:
            call.record.refused(error.code, error.reason or error.code.lower())
        else:
            call.record.code = error.code
    await context.abort(convert.status_code(error), str(error), trailers)
