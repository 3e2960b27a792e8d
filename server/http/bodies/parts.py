"""Files in a body that is taken apart as it arrives, each as soon as it is whole."""

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from starlette.requests import Request

from edgeocr.server.http.bodies.chunks import ROOM_SECONDS, chunks_of
from edgeocr.server.http.bodies.uploads import UploadedFile
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.memory.upload import Upload, UploadTimeout


class Parts(Protocol):
    """What takes a body apart."""

    files: deque[UploadedFile]
    """Those that are whole, until somebody takes them."""

    @property
    def coming(self) -> Upload | None:
        """The file that is coming just now, if one is."""

    @property
    def coming_bytes(self) -> int:
        """How much there is of it."""

    @property
    def held_bytes(self) -> int:
        """How much there is of files that nobody has taken, and of what else is kept."""

    def feed(self, data: bytes) -> None:
        """Takes the next bytes, for which there is room; raises EdgeOcrError if they are not as they should be."""

    def finish(self) -> None:
        """Hears that no more bytes come; raises InvalidInput if something is missing."""


async def files_of(
    request: Request, held: Reservation, parts: Parts, timeout: UploadTimeout
) -> AsyncGenerator[UploadedFile, None]:
    """The files of a body, whose bytes are `held`.

    Raises:
        EdgeOcrError: it is not as it should be, or does not come.
    """
    async with aclosing(chunks_of(request, held, timeout, lambda: parts.coming_bytes)) as chunks:
        async for chunk in chunks:
            parts.feed(chunk)
            del chunk
            # What belongs to no file has been taken.
            held.resize(max(parts.held_bytes, held.least_bytes))
            while parts.files:
                arrival = parts.files.popleft()
                try:
                    await _settle(arrival.upload, held, parts.held_bytes)
                    yield arrival
                finally:
                    # The caller may have disconnected before its turn came.
                    arrival.upload.drop()
                    timeout.renew()
            if parts.coming is not None:
                await _settle(parts.coming, held, 0)
    parts.finish()


async def _settle(upload: Upload, held: Reservation, others_bytes: int) -> None:
    """Returns once what came of a file is where it stays; so many of the bytes that are held are those of others.

    Small files come many at a time, and each has its descriptor.
    """
    lacking_bytes = max(upload.size_bytes, held.least_bytes) + others_bytes - held.size_bytes
    if lacking_bytes > 0:
        await held.grow_within(lacking_bytes, ROOM_SECONDS)
    await upload.settle()
