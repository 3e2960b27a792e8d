"""Uploads: files that arrive in parts, accounted for as they arrive, and refused if they are too slow.

Large files are written to disk as they arrive.
"""

import time

from edgeocr.model.errors import EdgeOcrError, Limit, TooLarge
from edgeocr.model.files.contents import Contents, StoredFile
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.memory.spool import Spool

CHUNK_SECONDS = 30.0
"""How long the sender of a file may fall behind the minimum rate."""
LEAST_BYTES_A_SECOND = 64 * 1024
"""Minimum rate at which files are sent and answers are read."""
_CHUNK_BYTES = 64 * 1024


class UploadTimeout:
    """Time limits of an upload: by the minimum rate, and for the whole file.

    Otherwise senders of an occasional byte could hold memory forever.
    """

    def __init__(self, most_seconds: float) -> None:
        """Takes the time limit of a whole file."""
        self._most_seconds = most_seconds
        self._left_seconds = most_seconds
        self._slack_seconds = CHUNK_SECONDS
        self._since: float | None = None

    def begin(self) -> float:
        """Starts waiting for the sender; returns the time limit in seconds."""
        self._since = time.monotonic()
        return max(0.0, min(self._slack_seconds, self._left_seconds))

    def end(self, size_bytes: int = 0) -> None:
        """Records that a part of this size arrived; may be called again."""
        if self._since is not None:
            waited_seconds = time.monotonic() - self._since
            self._left_seconds -= waited_seconds
            self._slack_seconds -= waited_seconds
            self._since = None
        self._slack_seconds = min(CHUNK_SECONDS, self._slack_seconds + size_bytes / LEAST_BYTES_A_SECOND)

    def renew(self) -> None:
        """Starts over for the next file."""
        self._left_seconds = self._most_seconds
        self._slack_seconds = CHUNK_SECONDS

    def complaint(self) -> str:
        """The error text after the time limit of `begin`."""
        if self._left_seconds < self._slack_seconds:
            return f"it was incomplete after {self._most_seconds:g} s of waiting for it (upload_seconds)"
        return (
            f"it arrived slower than {LEAST_BYTES_A_SECOND} bytes per second, and nothing within "
            f"{CHUNK_SECONDS:g} s (chunk_seconds)"
        )


class Upload:
    """Receives the parts of one file until it is complete or dropped."""

    def __init__(
        self, held: Reservation, most_bytes: int, limit_name: str = "file_bytes", spool: Spool | None = None
    ) -> None:
        """Takes the reservation of its bytes, possibly shared with others, its maximum size, and the spool if they are
        on disk."""
        self._held = held
        self._most_bytes = most_bytes
        self._limit_name = limit_name
        self._spool = spool if held.use is Use.SPOOLED else None
        self._chunks: list[bytes | bytearray] = []
        self._file: StoredFile | None = None
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """Bytes received."""
        return self._size_bytes

    def expect(self, size_bytes: int) -> None:
        """Checks an announced size.

        Raises:
            TooLarge: the file will be too large; it is dropped.
        """
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self.drop()
            raise self._too_large(f"{size_bytes} bytes", size_bytes, most_bytes)

    def add(self, chunk: bytes) -> None:
        """Adds the next part, which its reservation has room for.

        Raises:
            TooLarge: the file is too large; it is dropped.
        """
        size_bytes = self._size_bytes + len(chunk)
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self._size_bytes = size_bytes
            self.drop()
            raise self._too_large(f"more than {size_bytes} bytes", size_bytes, most_bytes)
        self._keep(chunk)
        self._size_bytes = size_bytes

    async def settle(self) -> None:
        """Returns when the received data has been stored.

        Raises:
            EdgeOcrError: the disk is full or fails; the file is dropped.
        """
        if self._spool is None or not self._chunks:
            return
        chunks, self._chunks = self._chunks, []
        try:
            with self._held.budget.hold(Use.ARRIVING, sum(map(len, chunks))):
                file = await self._spool.append(self._file, chunks)
        except EdgeOcrError:
            self.drop()
            raise
        # The file may have been dropped meanwhile.
        self._file = file if self._size_bytes else None

    def _too_large(self, size: str, size_bytes: int, most_bytes: int) -> TooLarge:
        budget, advice = self._held.budget, ""
        if self._limit_name != "file_bytes":
            pass
        elif self._spool is not None:
            advice = "; raise it, or the limit on disk (spool_bytes)"
        elif budget.spool_bytes:
            advice = "; a larger file is possible if its size is announced (Content-Length)"
        elif (needed_bytes := budget.needed_bytes(size_bytes)) > budget.total_bytes:
            advice = f"; it needs a memory budget of about {-(-needed_bytes >> 20)}MiB (memory_budget)"
        return TooLarge(
            f"image: {size}, the limit is {most_bytes} ({self._limit_name}){advice}",
            Limit(self._limit_name, most_bytes, size_bytes),
        )

    def _keep(self, chunk: bytes) -> None:
        # Joins small chunks, each of which has an overhead.
        if len(chunk) >= _CHUNK_BYTES:
            self._chunks.append(chunk)
        elif self._chunks and isinstance(last := self._chunks[-1], bytearray) and len(last) < _CHUNK_BYTES:
            last += chunk
        else:
            self._chunks.append(bytearray(chunk))

    def _most_now(self) -> int:
        """Its current maximum size; the waiting limit shrinks as the process grows, and waiting would not help then."""
        return min(self._most_bytes, self._held.budget.most_file_bytes(self._held.use))

    def hand_over(self) -> tuple[Contents, Reservation]:
        """The stored file and its reservation, so that no one else takes its room before it is admitted."""
        data: Contents
        if self._file is not None:
            data = self._file
        else:
            # The file exists twice for a moment.
            with self._held.budget.hold(Use.ARRIVING, self._size_bytes):
                data = b"".join(self._chunks)
        held = self._held.split(max(self._size_bytes, self._held.least_bytes))
        self._chunks, self._file, self._size_bytes = [], None, 0
        return data, held

    def drop(self) -> None:
        """Drops the file; may be called again."""
        self._chunks, self._file = [], None
        held_bytes, self._size_bytes = self._size_bytes, 0
        self._held.resize(max(0, self._held.size_bytes - held_bytes))


def coming(budget: Budget, caller: str, announced_bytes: int = 0, spool: Spool | None = None) -> Reservation:
    """Makes the reservation for an incoming file.

    Args:
        budget: the budget.
        caller: the file's caller.
        announced_bytes: its announced size; 0 if unknown.
        spool: the spool; None for memory.
    """
    use = Use.WAITING if spool is None else Use.SPOOLED
    held = budget.hold(use, 0, caller)
    held.least_bytes = 0 if spool is None else spool.least_bytes
    most_bytes = budget.most_file_bytes(use)
    held.may_reach_bytes = max(min(announced_bytes or most_bytes, most_bytes), held.least_bytes)
    return held
