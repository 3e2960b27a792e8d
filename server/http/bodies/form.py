"""A form's files as they become whole, with the fields that came before them."""

from contextlib import aclosing

from starlette.requests import Request

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.chunks import ROOM_SECONDS, announced_bytes, chunks_of
from edgeocr.server.http.bodies.multipart import FILE_FIELD, Form
from edgeocr.server.http.bodies.uploads import Images
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.memory.upload import Upload
from edgeocr.server.scheduling.admission import Admission


async def from_form(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """The files of a form, each with the fields that came before it.

    Raises:
        InvalidInput: the form is malformed, or has no file.
    """
    count = 0
    timeout = admission.upload_timeout()
    with admission.coming(caller, announced_bytes(request)) as held:
        form = Form(request.headers["content-type"], lambda: admission.upload(held))
        async with aclosing(chunks_of(request, held, timeout, lambda: form.coming_bytes)) as chunks:
            async for chunk in chunks:
                form.feed(chunk)
                del chunk
                # What belongs to no file has been taken.
                held.resize(max(form.held_bytes, held.least_bytes))
                while form.files:
                    count += 1
                    arrival = form.files.popleft()
                    try:
                        await _settle(arrival.upload, held, form.held_bytes)
                        yield arrival, with_fields(given, form.fields)
                    finally:
                        # The caller may have disconnected before its turn came.
                        arrival.upload.drop()
                        timeout.renew()
                if form.coming is not None:
                    await _settle(form.coming, held, 0)
        form.finish()
    if not count:
        with_fields(given, form.fields)
        raise InvalidInput(f"{FILE_FIELD}: is missing; the form needs at least one file of that name")


async def _settle(upload: Upload, held: Reservation, others_bytes: int) -> None:
    """Returns once what came of a file is where it stays; so many of the bytes that are held are those of others.

    Small files come many at a time, and each has its descriptor.
    """
    lacking_bytes = max(upload.size_bytes, held.least_bytes) + others_bytes - held.size_bytes
    if lacking_bytes > 0:
        await held.grow_within(lacking_bytes, ROOM_SECONDS)
    await upload.settle()
