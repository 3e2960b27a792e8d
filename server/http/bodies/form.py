"""A form's files as they become whole, with the fields that came before them."""

from contextlib import aclosing

from starlette.requests import Request

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.chunks import chunks_of
from edgeocr.server.http.bodies.multipart import FILE_FIELD, Form
from edgeocr.server.http.bodies.uploads import Images
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission


async def from_form(request: Request, given: QueryOptions, admission: Admission) -> Images:
    """The files of a form, each with the fields that came before it.

    Raises:
        InvalidInput: the form is malformed, or has no file.
    """
    form = Form(request.headers["content-type"], admission.upload)
    patience = admission.patience()
    count = 0
    try:
        async with aclosing(chunks_of(request, admission, patience, lambda: form.coming_bytes)) as chunks:
            async for chunk, room in chunks:
                form.feed(chunk, room)
                del chunk
                while form.files:
                    count += 1
                    arrival = form.files.popleft()
                    try:
                        yield arrival, with_fields(given, form.fields)
                    finally:
                        # Whoever took it may have gone before its turn came.
                        arrival.upload.drop()
                        patience.renew()
        form.finish()
    finally:
        form.drop()
    if not count:
        with_fields(given, form.fields)
        raise InvalidInput(f"{FILE_FIELD}: is missing; the form needs at least one file of that name")
