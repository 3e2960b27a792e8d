"""The images of a request's body, one after the other, each as soon as it is whole.

What is there of the body counts in the memory budget as it arrives; what is too large is refused before it is there.
"""

import asyncio
import base64
import binascii
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files import pdf
from edgeocr.model.files.header import MEDIA_TYPES
from edgeocr.server.errors import Cancelled
from edgeocr.server.http.bodies.form import FILE_FIELD, Arrival, Form
from edgeocr.server.http.options import Options, QueryOptions, with_fields
from edgeocr.server.http.problems import SlowUpload, UnsupportedMedia
from edgeocr.server.memory.upload import Patience, Room, Upload
from edgeocr.server.scheduling.admission import Admission

PATIENCE_SECONDS = 10.0
"""How long a body waits for room before its caller is told to come again."""
PROMPT_SECONDS = 10.0
"""How long a body may take to come before it gives up its claim to room that it does not use yet."""
_LOOK_SECONDS = 0.02
RAW_TYPES = (*MEDIA_TYPES, pdf.MEDIA_TYPE, "application/octet-stream")
_FORM, _JSON = "multipart/form-data", "application/json"
_TYPES = f"{_FORM}, {_JSON}, {', '.join(RAW_TYPES)}"
_COPIES = 2
"""Beside its bytes, a JSON body's text, and the images in it."""
_MOST_MARKS = 8192
"""Between the values of a JSON body: parsed, small ones take dozens of times as much."""
_NOT_BASE64 = "is neither base64 nor a data: URL of it"

Images = AsyncGenerator[tuple[Arrival, Options], None]


def images_of(request: Request, given: QueryOptions, admission: Admission) -> Images:
    """The images with the options that hold for them; what nobody takes is let go of when it is closed.

    Raises:
        UnsupportedMedia: the body is of another type.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMedia("Content-Encoding: bodies are taken as they are only")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _FORM:
        return _from_form(request, given, admission)
    if kind == _JSON:
        return _from_json(request, given, admission)
    if kind in RAW_TYPES:
        return _from_raw(request, given, admission)
    raise UnsupportedMedia(f"Content-Type: {kind[:64] or 'missing'}, known are {_TYPES}")


async def _from_form(request: Request, given: QueryOptions, admission: Admission) -> Images:
    form = Form(request.headers["content-type"], admission.upload)
    patience = admission.patience()
    count = 0
    try:
        async with aclosing(_chunks(request, admission, patience, lambda: form.coming_bytes)) as chunks:
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


async def _from_raw(request: Request, given: QueryOptions, admission: Admission) -> Images:
    upload = admission.upload()
    try:
        await _gather(request, upload, admission)
        yield Arrival("", upload), with_fields(given, {})
    finally:
        upload.drop()


async def _from_json(request: Request, given: QueryOptions, admission: Admission) -> Images:
    body = admission.message()
    try:
        await _gather(request, body, admission)
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
                async with _room(admission, len(data)) as room:
                    upload.add(data, room)
                del data
                yield Arrival("", upload), options
            finally:
                upload.drop()


async def _gather(request: Request, upload: Upload, admission: Admission) -> None:
    """Adds the body to an upload."""
    upload.expect(_announced_bytes(request))
    async with aclosing(_chunks(request, admission, admission.patience(), lambda: upload.size_bytes)) as chunks:
        async for chunk, room in chunks:
            upload.add(chunk, room)


def _announced_bytes(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _chunks(
    request: Request, admission: Admission, patience: Patience, coming_bytes: Callable[[], int]
) -> AsyncGenerator[tuple[bytes, Room], None]:
    """The body as it comes, with the room that is kept for each chunk.

    Nothing of a body is taken before there is room for all of it, as far as it has told how long it is: many that are
    begun would keep each other from ever being whole. One that is long in coming gives up its claim.

    Raises:
        MemoryFull: there was no room in time.
        SlowUpload: it stops coming, or takes too long.
        Cancelled: the caller goes away.
    """
    async with _claim(admission, _announced_bytes(request)) as claim, aclosing(_stream(request)) as chunks:
        while True:
            try:
                async with asyncio.timeout(patience.begin()):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                raise SlowUpload(f"body: {patience.complaint()}") from None
            except ClientDisconnect:
                raise Cancelled("the caller went away") from None
            patience.end()
            if chunk is None:
                return
            lacking_bytes = max(0, len(chunk) - claim.size_bytes)
            if coming_bytes() + len(chunk) > admission.most_file_bytes:
                # Waiting does not help a file that is too large: whoever takes the chunk says so.
                lacking_bytes = 0
            async with _room(admission, lacking_bytes) as more:
                yield chunk, more.joined(claim.spend(len(chunk)))


@asynccontextmanager
async def _claim(admission: Admission, size_bytes: int) -> AsyncIterator[Room]:
    """Waits for room for a whole body, which is given up if it is long in coming."""
    async with _room(admission, size_bytes) as room:
        timer = asyncio.get_running_loop().call_later(PROMPT_SECONDS, room.close)
        try:
            yield room
        finally:
            timer.cancel()


@asynccontextmanager
async def _room(admission: Admission, size_bytes: int) -> AsyncIterator[Room]:
    """Waits for room, which is its block's.

    Raises:
        MemoryFull: there was none in time.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while (room := admission.room(size_bytes)) is None:
        if time.monotonic() > end:
            raise admission.no_room(size_bytes)
        await asyncio.sleep(_LOOK_SECONDS)
    try:
        yield room
    finally:
        room.close()


async def _stream(request: Request) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        yield chunk


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
