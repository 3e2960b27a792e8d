"""Ends calls with an error's code, text and details, and with the request id."""

from typing import Any

from edgeocr.model.errors import EdgeOcrError
from edgeocr.server.access_log.identifiers import REQUEST_ID
from edgeocr.server.grpc.call import CURRENT
from edgeocr.server.grpc.messages import convert


async def refuse(context: Any, error: EdgeOcrError) -> None:
    """Aborts the running call, and logs it in the access log unless the error belongs to its images.

    Raises:
        grpc.aio.AbortError: always, as gRPC requires.
    """
    trailers: tuple[tuple[str, str | bytes], ...] = convert.status_details(error)
    if (call := CURRENT.get(None)) is not None:
        trailers = (*trailers, (REQUEST_ID, call.record.request_id))
        if call.is_stream or not call.record.images:
            call.record.refused(error.code, error.reason or error.code.lower())
        else:
            call.record.code = error.code
    await context.abort(convert.status_code(error), str(error), trailers)
