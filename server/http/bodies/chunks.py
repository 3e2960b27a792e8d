"""The chunks of a request's body as they come, each with the room that is kept for it in the memory budget."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from starlette.requests import ClientDisconnect, Request

from edgeocr.server.errors import Cancelled
from edgeocr.server.http.problems import SlowUpload
from edgeocr.server.memory.upload import Room, Upload, UploadTimeout
from edgeocr.server.scheduling.admission import Admission

PATIENCE_SECONDS = 10.0
"""How long a body waits for room before its caller is told to come again."""
PROMPT_SECONDS = 10.0
"""How long a body may take to come before it gives up its claim to room that it does not use yet."""
_LOOK_SECONDS = 0.02


async def gather(request: Request, upload: Upload, admission: Admission) -> None:
    """Adds the body to an upload."""
    upload.expect(_announced_bytes(request))
    async with aclosing(chunks_of(request, admission, admission.patience(), lambda: upload.size_bytes)) as chunks:
        async for chunk, room in chunks:
            upload.add(chunk, room)


async def chunks_of(
    request: Request, admission: Admission, patience: UploadTimeout, coming_bytes: Callable[[], int]
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
            async with room_for(admission, lacking_bytes) as more:
                yield chunk, more.joined(claim.spend(len(chunk)))


@asynccontextmanager
async def room_for(admission: Admission, size_bytes: int) -> AsyncIterator[Room]:
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


@asynccontextmanager
async def _claim(admission: Admission, size_bytes: int) -> AsyncIterator[Room]:
    """Waits for room for a whole body, which is given up if it is long in coming."""
    async with room_for(admission, size_bytes) as room:
        timer = asyncio.get_running_loop().call_later(PROMPT_SECONDS, room.close)
        try:
            yield room
        finally:
            timer.cancel()


def _announced_bytes(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _stream(request: Request) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        yield chunk
