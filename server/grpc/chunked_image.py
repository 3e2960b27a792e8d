"""An image of a stream whose file comes in chunks."""

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
"""What there must be room for before a chunk is read: those of the project's own clients are no larger."""


class ChunkedImage:
    """Takes the chunks until the file is whole, or refused.

    The room for a chunk is there before it is read, so that those whose turn has not come wait in their connections.
    """

    def __init__(
        self,
        admission: Admission,
        caller: str,
        entry: Entry,
        image: ocr_pb2.StreamImage,
        refuse: Callable[[Entry, EdgeOcrError], None],
    ) -> None:
        """Takes the image without its file, and what is called once, if it is refused."""
        self.entry = entry
        self.image = image
        self.refused = False
        self._refuse = refuse
        self._held = admission.coming(caller, in_chunks=True)
        self._held.evict = self._evict
        self._upload = admission.upload(self._held)
        # A file on its way to disk passes through memory.
        self._passing = self._held.budget.hold(Use.WAITING, 0, caller)
        self._timeout = admission.upload_timeout()
        self._room_seconds = admission.upload_seconds
        self._timer: asyncio.TimerHandle | None = None

    async def add(self, chunk: bytes, *, last: bool = False) -> None:
        """Takes a chunk; unless it is the last, there is room for another one afterwards, or the image is refused."""
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
            # Before there is any on disk: nobody who has that waits for memory, and all of them get on.
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
        """The whole file, and what holds it."""
        self._stop_waiting()
        self.refused = True
        try:
            return self._upload.hand_over()
        finally:
            self._held.release()
            self._passing.release()

    def refuse(self, error: EdgeOcrError) -> None:
        """Refuses it, unless that was done."""
        if not self.refused:
            self.entry.size_bytes = self._upload.size_bytes
            self.drop()
            self._refuse(self.entry, error)

    def drop(self) -> None:
        """Lets go of what there is of the file; may be called again."""
        self.refused = True
        self._stop_waiting()
        self._upload.drop()
        self._held.release()
        self._passing.release()
