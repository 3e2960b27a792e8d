"""Files that arrive in parts: accounted for by what has come of them, and given up if they come too slowly.

Large ones go to disk as they come.
"""

import time

from edgeocr.model.errors import EdgeOcrError, Limit, TooLarge
from edgeocr.model.files.contents import Contents, StoredFile
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.memory.spool import Spool

CHUNK_SECONDS = 30.0
"""For how long the sender of a file may fall behind the least rate before the file is given up."""
LEAST_BYTES_A_SECOND = 64 * 1024
"""The rate at which a file must come, or an answer be read."""
_CHUNK_BYTES = 64 * 1024


class UploadTimeout:
    """How long the sender of a file is waited for: at the least rate, and for all of the file together.

    Who sends a byte now and then would otherwise keep the memory of what came for good.
    """

    def __init__(self, most_seconds: float) -> None:
        """Takes the most for all of a file."""
        self._most_seconds = most_seconds
        self._left_seconds = most_seconds
        self._slack_seconds = CHUNK_SECONDS
        self._since: float | None = None

    def begin(self) -> float:
        """The sender is waited for from now on; returns for how many seconds at most."""
        self._since = time.monotonic()
        return max(0.0, min(self._slack_seconds, self._left_seconds))

    def end(self, size_bytes: int = 0) -> None:
        """A part of so many bytes came; may be called again."""
        if self._since is not None:
            waited_seconds = time.monotonic() - self._since
            self._left_seconds -= waited_seconds
            self._slack_seconds -= waited_seconds
            self._since = None
        self._slack_seconds = min(CHUNK_SECONDS, self._slack_seconds + size_bytes / LEAST_BYTES_A_SECOND)

    def renew(self) -> None:
        """The file is whole, and another may come."""
        self._left_seconds = self._most_seconds
        self._slack_seconds = CHUNK_SECONDS

    def complaint(self) -> str:
        """What is said once what `begin` returned is over."""
        if self._left_seconds < self._slack_seconds:
            return f"it was not whole after {self._most_seconds:g} s of waiting for it (upload_seconds)"
        return (
            f"it came slower than {LEAST_BYTES_A_SECOND} bytes a second, and no more of it came within "
            f"{CHUNK_SECONDS:g} s (chunk_seconds)"
        )


class Upload:
    """Takes the parts of one file, until it is whole or not wanted any more."""

    def __init__(
        self, held: Reservation, most_bytes: int, limit_name: str = "file_bytes", spool: Spool | None = None
    ) -> None:
        """Takes what holds its bytes, maybe together with others that come with it, its largest size, and where it goes
        if they are held on disk."""
        self._held = held
        self._most_bytes = most_bytes
        self._limit_name = limit_name
        self._spool = spool if held.use is Use.SPOOLED else None
        self._chunks: list[bytes | bytearray] = []
        self._file: StoredFile | None = None
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much of it is there."""
        return self._size_bytes

    def expect(self, size_bytes: int) -> None:
        """Checks a size that is known before the file is there.

        Raises:
            TooLarge: the file will be too large; nothing of it is held then.
        """
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self.drop()
            raise self._too_large(f"{size_bytes} bytes", size_bytes, most_bytes)

    def add(self, chunk: bytes) -> None:
        """Takes the next part, for which there is room in what holds it.

        Raises:
            TooLarge: the file is too large; nothing of it is held then.
        """
        size_bytes = self._size_bytes + len(chunk)
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self._size_bytes = size_bytes
            self.drop()
            raise self._too_large(f"{size_bytes} bytes and more", size_bytes, most_bytes)
        self._keep(chunk)
        self._size_bytes = size_bytes

    async def settle(self) -> None:
        """Returns once what came is where it stays until the file is whole.

        Raises:
            EdgeOcrError: the disk takes no more; nothing of the file is held then.
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
        # It may have been dropped meanwhile.
        self._file = file if self._size_bytes else None

    def _too_large(self, size: str, size_bytes: int, most_bytes: int) -> TooLarge:
        budget, advice = self._held.budget, ""
        if self._limit_name != "file_bytes":
            pass
        elif self._spool is not None:
            advice = "; raise it, or what large files may take of the disk (spool_bytes)"
        elif budget.spool_bytes:
            advice = "; it may be larger where its size is announced (Content-Length)"
        elif (needed_bytes := budget.needed_bytes(size_bytes)) > budget.total_bytes:
            advice = f"; it takes a memory budget of about {-(-needed_bytes >> 20)}MiB (memory_budget)"
        return TooLarge(
            f"image: {size}, the limit is {most_bytes} ({self._limit_name}){advice}",
            Limit(self._limit_name, most_bytes, size_bytes),
        )

    def _keep(self, chunk: bytes) -> None:
        # Small chunks are put together, since each costs some bytes in addition to its own.
        if len(chunk) >= _CHUNK_BYTES:
            self._chunks.append(chunk)
        elif self._chunks and isinstance(last := self._chunks[-1], bytearray) and len(last) < _CHUNK_BYTES:
            last += chunk
        else:
            self._chunks.append(bytearray(chunk))

    def _most_now(self) -> int:
        """Its largest size; what may wait shrinks as the process grows, and waiting would not help then."""
        return min(self._most_bytes, self._held.budget.most_file_bytes(self._held.use))

    def hand_over(self) -> tuple[Contents, Reservation]:
        """The file, which has settled, and what holds it, so that nobody else takes its room before it is admitted."""
        data: Contents
        if self._file is not None:
            data = self._file
        else:
            # For a moment it is there twice.
            with self._held.budget.hold(Use.ARRIVING, self._size_bytes):
                data = b"".join(self._chunks)
        held = self._held.split(max(self._size_bytes, self._held.least_bytes))
        self._chunks, self._file, self._size_bytes = [], None, 0
        return data, held

    def drop(self) -> None:
        """Lets go of what there is; may be called again."""
        self._chunks, self._file = [], None
        held_bytes, self._size_bytes = self._size_bytes, 0
        self._held.resize(max(0, self._held.size_bytes - held_bytes))


def coming(budget: Budget, caller: str, announced_bytes: int = 0, spool: Spool | None = None) -> Reservation:
    """Begins to hold what is coming of a caller's file.

    Args:
        budget: of which it is.
        caller: whose file it is.
        announced_bytes: how large it will be; 0 says that it may be as large as any.
        spool: where it goes; None for memory.
    """
    use = Use.WAITING if spool is None else Use.SPOOLED
    held = budget.hold(use, 0, caller)
    held.least_bytes = 0 if spool is None else spool.least_bytes
    most_bytes = budget.most_file_bytes(use)
    held.may_reach_bytes = max(min(announced_bytes or most_bytes, most_bytes), held.least_bytes)
    return held
