"""Images in base64 in a JSON body."""

import base64
import binascii
import json

from starlette.requests import Request

from edgeocr.model.errors import InvalidInput
from edgeocr.server.http.bodies.chunks import gather, room_for
from edgeocr.server.http.bodies.multipart import FILE_FIELD
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import QueryOptions, with_fields
from edgeocr.server.scheduling.admission import Admission

_COPIES = 2
"""In addition to its bytes, a JSON body's text, and the images in it."""
_MOST_MARKS = 8192
"""Between the values of a JSON body: parsed, small ones take dozens of times as much."""
_NOT_BASE64 = "is neither base64 nor a data: URL of it"


async def from_json(request: Request, given: QueryOptions, admission: Admission) -> Images:
    """The images of a JSON object, in base64.

    Raises:
        InvalidInput: it is no such object.
    """
    body = admission.message()
    try:
        await gather(request, body, admission)
        whole = [body.whole()]
    finally:
        body.drop()
    with admission.holding(_COPIES * len(whole[0])):
        fields = _json_object(whole.pop())
        sent = fields.pop(FILE_FIELD, None)
        options = with_fields(given, fields, strict=True)
        images = [sent] if isinstance(sent, str) else sent
        if not isinstance(images, list) or not images:
            raise InvalidInput(f"{FILE_FIELD}: must be an image in base64, or a list of such")
        for place in range(len(images)):
            upload = admission.upload()
            try:
                data = _decoded(images[place], place)
                images[place] = None
                async with room_for(admission, len(data)) as room:
                    upload.add(data, room)
                del data
                yield UploadedFile("", upload), options
            finally:
                upload.drop()


def _json_object(body: bytes) -> dict[str, object]:
    # Of base64 there are none in it.
    if sum(map(body.count, (b",", b":", b"[", b"{"))) > _MOST_MARKS:
        raise InvalidInput(f"body: may have {_MOST_MARKS} commas, colons and brackets")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInput("body: is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidInput("body: must be a JSON object")
    return value


def _decoded(text: object, place: int) -> bytes:
    """The bytes of an image in base64, with lines or without, or of a data: URL."""
    if not isinstance(text, str):
        raise InvalidInput(f"{FILE_FIELD}[{place}]: {_NOT_BASE64}")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput(f"{FILE_FIELD}[{place}]: {_NOT_BASE64}") from None
