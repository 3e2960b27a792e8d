"""Reads a request's body in chunks, each within the memory budget."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from starlette.requests import ClientDisconnect, Request

from edgeocr.server.errors import Cancelled, SlowUpload
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.memory.upload import Upload, UploadTimeout

ROOM_SECONDS = 10.0
"""How long a part of a body waits for room before the request is refused."""


async def gather(request: Request, held: Reservation, upload: Upload, timeout: UploadTimeout) -> None:
    """Adds the body to an upload, whose bytes are accounted for by `held`."""
    upload.expect(announced_bytes(request))
    async with aclosing(chunks_of(request, held, timeout, lambda: upload.size_bytes)) as chunks:
        async for chunk in chunks:
            upload.add(chunk)
            del chunk
            await upload.settle()
    held.settle()


async def chunks_of(
    request: Request, held: Reservation, timeout: UploadTimeout, coming_bytes: Callable[[], int]
) -> AsyncGenerator[bytes, None]:
    """Yields the body as it arrives; yielded bytes are accounted for.

    Raises:
        MemoryFull: there is no room in time.
        SlowUpload: the body arrives too slowly.
        Cancelled: the caller disconnects.
    """
    waiting: asyncio.Timeout | None = None
    evicted = False

    def evict() -> None:
        nonlocal evicted
        evicted = True
        if waiting is not None and not waiting.expired():
            waiting.reschedule(0)

    held.evict = evict
    async with aclosing(_stream(request)) as chunks:
        while True:
            if evicted:
                # The upload was evicted while earlier data was processed.
                raise held.budget.memory_full(held.use, held.size_bytes, held.caller)
            try:
                async with asyncio.timeout(timeout.begin()) as waiting:
                    chunk = await anext(chunks, None)
            except TimeoutError:
                if evicted:
                    raise held.budget.memory_full(held.use, held.size_bytes, held.caller) from None
                raise SlowUpload(f"body: {timeout.complaint()}") from None
            except ClientDisconnect:
                raise Cancelled("the caller went away") from None
            finally:
                waiting = None
            timeout.end(len(chunk or b""))
            if chunk is None:
                return
            needed_bytes = max(held.least_bytes, coming_bytes() + len(chunk))
            if needed_bytes > held.budget.most_file_bytes(held.use):
                # Waiting does not help a file that is too large, which the receiver of the chunk refuses.
                held.add(len(chunk))
            elif needed_bytes > held.size_bytes:
                await held.grow_within(needed_bytes - held.size_bytes, ROOM_SECONDS)
            yield chunk


def announced_bytes(request: Request) -> int:
    """The announced size of the body; 0 if unknown."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def _stream(request: Request) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        yield chunk
