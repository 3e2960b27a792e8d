"""Images in base64 in a JSON body."""

import asyncio

from starlette.requests import Request

from edgeocr.server.http.bodies.chunks import ROOM_SECONDS, announced_bytes, gather
from edgeocr.server.http.bodies.json_images import parse
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.memory.reservation import Use
from edgeocr.server.memory.upload import coming
from edgeocr.server.scheduling.admission import Admission


async def from_json(request: Request, given: QueryOptions, admission: Admission, caller: str) -> Images:
    """The images of a JSON object, in base64.

    Raises:
        InvalidInput: it is no such object.
    """
    with coming(admission.budget, caller, announced_bytes(request)) as held:
        message = admission.message(held)
        await gather(request, held, message, admission.upload_timeout())
        body, message_held = message.hand_over()
        message_held.release()
        assert isinstance(body, bytes), "messages stay in memory"
    with admission.budget.hold(Use.ARRIVING, len(body)):
        fields, images = parse(body)
        options = with_fields(given, fields, strict=True)
        for image in images:
            with coming(admission.budget, caller, image.most_bytes) as held:
                upload = admission.upload(held)
                upload.expect(image.most_bytes)
                await held.grow_within(image.most_bytes, ROOM_SECONDS)
                for piece in image.pieces():
                    upload.add(piece)
                    # Others have their turn between pieces.
                    await asyncio.sleep(0)
                held.resize(upload.size_bytes)
                held.settle()
                yield UploadedFile("", upload), options
