"""A body that is a plain file."""

from starlette.requests import Request

from edgeocr.model.files import pdf
from edgeocr.model.files.headers.header import MEDIA_TYPES
from edgeocr.server.http.bodies.chunks import announced_bytes, gather
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission

RAW_TYPES = (*MEDIA_TYPES, pdf.MEDIA_TYPE, "application/octet-stream")


async def from_raw(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """Yields the file."""
    with admission.coming(caller, announced_bytes(request)) as held:
        upload = admission.upload(held)
        await gather(request, held, upload, admission.upload_timeout())
        yield UploadedFile("", upload), with_fields(given, {})
