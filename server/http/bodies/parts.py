"""Files of a body that is parsed incrementally, each as soon as it is complete."""

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
    """An incremental parser of a body."""

    files: deque[UploadedFile]
    """Complete files that have not been taken."""

    @property
    def coming(self) -> Upload | None:
        """The file being received, if any."""

    @property
    def coming_bytes(self) -> int:
        """Bytes received of that file."""

    @property
    def held_bytes(self) -> int:
        """Bytes of files that have not been taken, and of other data kept."""

    def feed(self, data: bytes) -> None:
        """Parses the next bytes, which are accounted for; raises EdgeOcrError if they are invalid."""

    def finish(self) -> None:
        """Ends the body; raises InvalidInput if it is incomplete."""


async def files_of(
    request: Request, held: Reservation, parts: Parts, timeout: UploadTimeout
) -> AsyncGenerator[UploadedFile, None]:
    """Yields the files of a body, whose bytes are accounted for by `held`.

    Raises:
        EdgeOcrError: the body is invalid, or does not arrive.
    """
    async with aclosing(chunks_of(request, held, timeout, lambda: parts.coming_bytes)) as chunks:
        async for chunk in chunks:
            parts.feed(chunk)
            del chunk
            # Data that belongs to no file has been processed.
            held.resize(max(parts.held_bytes, held.least_bytes))
            while parts.files:
                arrival = parts.files.popleft()
                try:
                    await _settle(arrival.upload, held, parts.held_bytes)
                    yield arrival
                finally:
                    # The caller may have disconnected while waiting.
                    arrival.upload.drop()
                    timeout.renew()
            if parts.coming is not None:
                await _settle(parts.coming, held, 0)
    parts.finish()


async def _settle(upload: Upload, held: Reservation, others_bytes: int) -> None:
    """Returns when the received data of a file has been stored; `others_bytes` of the reservation belong to other data.

    Many small files can be open at a time, each with a file descriptor.
    """
    lacking_bytes = max(upload.size_bytes, held.least_bytes) + others_bytes - held.size_bytes
    if lacking_bytes > 0:
        await held.grow_within(lacking_bytes, ROOM_SECONDS)
    await upload.settle()
