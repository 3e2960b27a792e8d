"""The files of a form as they complete, with the fields sent before them."""

from contextlib import aclosing

from starlette.requests import Request

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.chunks import announced_bytes
from edgeocr.server.http.bodies.multipart import FILE_FIELD, Form
from edgeocr.server.http.bodies.parts import files_of
from edgeocr.server.http.bodies.uploads import Images
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission


async def from_form(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """Yields the files of a form, each with the fields sent before it.

    Raises:
        InvalidInput: the form is malformed, or has no file.
    """
    count = 0
    with admission.coming(caller, announced_bytes(request)) as held:
        form = Form(request.headers["content-type"], lambda: admission.upload(held))
        async with aclosing(files_of(request, held, form, admission.upload_timeout())) as files:
            async for arrival in files:
                count += 1
                yield arrival, with_fields(given, form.fields)
    if not count:
        with_fields(given, form.fields)
        raise InvalidInput(f"{FILE_FIELD}: is missing; the form needs at least one file in this field")
