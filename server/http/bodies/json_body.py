"""Images in base64 in a JSON body."""

import asyncio

from starlette.requests import Request

from edgeocr.server.http.bodies.chunks import gather, room_for
from edgeocr.server.http.bodies.json_images import parse
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission


async def from_json(request: Request, given: QueryOptions, admission: Admission) -> Images:
    """The images of a JSON object, in base64.

    Raises:
        InvalidInput: it is no such object.
    """
    message = admission.message()
    try:
        await gather(request, message, admission)
        body = message.whole()
    finally:
        message.drop()
    # The largest message leaves room for the images in it, which are three quarters of it.
    with admission.holding(len(body)):
        fields, images = parse(body)
        options = with_fields(given, fields, strict=True)
        for image in images:
            upload = admission.upload()
            try:
                async with room_for(admission, image.most_bytes) as room:
                    for piece in image.pieces():
                        upload.add(piece, room)
                        # Others have their turn between pieces.
                        await asyncio.sleep(0)
                yield UploadedFile("", upload), options
            finally:
                upload.drop()
