"""Images of a stream whose files are sent in chunks."""

import asyncio
from collections.abc import Callable

from edgeocr.model.errors import EdgeOcrError, expected
from edgeocr.model.files.contents import Contents
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.server.errors import DeadlineExceeded
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.session import Entry

_AHEAD_BYTES = 1 << 20
"""Memory reserved before a chunk is read, the maximum chunk size of the project's own clients."""


class ChunkedImage:
    """Receives chunks until the file is complete or refused.

    Room for a chunk is reserved before it is read; until then it waits in the connection.
    """

    def __init__(
        self,
        admission: Admission,
        caller: str,
        entry: Entry,
        image: ocr_pb2.StreamImage,
        refuse: Callable[[Entry, EdgeOcrError], None],
    ) -> None:
        """Takes the image without its file, and a callback for its refusal."""
        self.entry = entry
        self.image = image
        self.refused = False
        self._refuse = refuse
        self._held = admission.coming(caller, in_chunks=True)
        self._held.evict = self._evict
        self._upload = admission.upload(self._held)
        # A file on its way to disk passes through memory too.
        self._passing = self._held.budget.hold(Use.WAITING, 0, caller)
        self._timeout = admission.upload_timeout()
        self._room_seconds = admission.upload_seconds
        self._timer: asyncio.TimerHandle | None = None

    async def add(self, chunk: bytes, *, last: bool = False) -> None:
        """Adds a chunk; afterwards, unless it was the last, there is room for another one, or the image is refused."""
        self._stop_waiting(len(chunk))
        if self.refused:
            return
        try:
            with self._held.budget.hold(Use.ARRIVING, len(chunk)):
                self._upload.expect(self._upload.size_bytes + len(chunk))
                await self._make_room(len(chunk))
                if not self.refused:
                    self._upload.add(chunk)
            del chunk
            await self._upload.settle()
            if not (last or self.refused):
                await self._make_room(_AHEAD_BYTES)
        except Exception as error:
            self.refuse(expected(error))
        if not (self.refused or last):
            self._wait()

    async def _make_room(self, size_bytes: int) -> None:
        budget, held = self._held.budget, self._held
        if held.use is Use.SPOOLED and not self._passing.size_bytes:
            # Reserved before any disk space: no holder of disk space waits for memory, so all make progress.
            self._passing.may_reach_bytes = _AHEAD_BYTES
            await self._passing.grow_within(_AHEAD_BYTES, self._room_seconds)
        needed_bytes = min(self._upload.size_bytes + size_bytes, budget.most_file_bytes(held.use))
        lacking_bytes = max(needed_bytes, held.least_bytes) - held.size_bytes
        if lacking_bytes > 0:
            await held.grow_within(lacking_bytes, self._room_seconds)

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._timeout.begin(), self._give_up)

    def _stop_waiting(self, size_bytes: int = 0) -> None:
        self._timeout.end(size_bytes)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self.refuse(DeadlineExceeded(f"image: {self._timeout.complaint()}"))

    def _evict(self) -> None:
        self.refuse(self._held.budget.memory_full(self._held.use, self._held.size_bytes, self._held.caller))

    def hand_over(self) -> tuple[Contents, Reservation]:
        """The complete file and its reservation."""
        self._stop_waiting()
        self.refused = True
        try:
            return self._upload.hand_over()
        finally:
            self._held.release()
            self._passing.release()

    def refuse(self, error: EdgeOcrError) -> None:
        """Refuses the image, unless it is refused already."""
        if not self.refused:
            self.entry.size_bytes = self._upload.size_bytes
            self.drop()
            self._refuse(self.entry, error)

    def drop(self) -> None:
        """Releases what was received of the file; may be called again."""
        self.refused = True
        self._stop_waiting()
        self._upload.drop()
        self._held.release()
        self._passing.release()
