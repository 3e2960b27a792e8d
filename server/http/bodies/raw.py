"""A body that is one file as it is."""

from starlette.requests import Request

from edgeocr.model.files import pdf
from edgeocr.model.files.header import MEDIA_TYPES
from edgeocr.server.http.bodies.chunks import gather
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission

RAW_TYPES = (*MEDIA_TYPES, pdf.MEDIA_TYPE, "application/octet-stream")


async def from_raw(request: Request, given: QueryOptions, admission: Admission) -> Images:
    """The one file that the body is."""
    upload = admission.upload()
    try:
        await gather(request, upload, admission)
        yield UploadedFile("", upload), with_fields(given, {})
    finally:
        upload.drop()
