"""Reads JSON bodies with images in base64."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from starlette.requests import Request

from edgeocr.server.http.bodies.chunks import ROOM_SECONDS, announced_bytes, gather
from edgeocr.server.http.bodies.json_images import Base64, parse
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.upload import coming
from edgeocr.server.scheduling.admission import Admission


async def from_json(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """Yields the images of a JSON object, in base64.

    Raises:
        InvalidInput: the body is not such an object.
    """
    body = await whole(request, admission, caller)
    with admission.budget.hold(Use.ARRIVING, len(body)):
        fields, images = parse(body)
        options = with_fields(given, fields, strict=True)
        async with aclosing(decoded(images, admission, caller)) as files:
            async for arrival in files:
                yield arrival, options


async def whole(request: Request, admission: Admission, caller: str) -> bytes:
    """The complete body of a request, whose reservation passes to the caller.

    Raises:
        EdgeOcrError: it is too large, or does not arrive.
    """
    with coming(admission.budget, caller, announced_bytes(request)) as held:
        message = admission.message(held)
        await gather(request, held, message, admission.upload_timeout())
        body, message_held = message.hand_over()
        message_held.release()
        assert isinstance(body, bytes), "messages stay in memory"
        return body


async def decoded(images: Iterable[Base64], admission: Admission, caller: str) -> AsyncGenerator[UploadedFile, None]:
    """Decodes each image to a file.

    Raises:
        EdgeOcrError: an image is not base64, or is too large.
    """
    for image in images:
        with coming(admission.budget, caller, image.most_bytes) as held:
            upload = admission.upload(held)
            upload.expect(image.most_bytes)
            await held.grow_within(image.most_bytes, ROOM_SECONDS)
            for piece in image.pieces():
                upload.add(piece)
                # Lets other tasks run between pieces.
                await asyncio.sleep(0)
            held.resize(upload.size_bytes)
            held.settle()
            yield UploadedFile("", upload)
