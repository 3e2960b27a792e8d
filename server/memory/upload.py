"""Files that arrive in parts: accounted for by what has come of them, and given up if they come too slowly."""

import time

from edgeocr.model.errors import Limit, TooLarge
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Reservation, Use

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

    def __init__(self, held: Reservation, most_bytes: int, limit_name: str = "file_bytes") -> None:
        """Takes what holds its bytes, maybe together with others that come with it, and its largest size."""
        self._held = held
        self._most_bytes = most_bytes
        self._limit_name = limit_name
        self._chunks: list[bytes | bytearray] = []
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

    def _too_large(self, size: str, size_bytes: int, most_bytes: int) -> TooLarge:
        budget, advice = self._held.budget, ""
        if self._limit_name == "file_bytes" and (needed_bytes := budget.needed_bytes(size_bytes)) > budget.total_bytes:
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
        return min(self._most_bytes, self._held.budget.most_file_bytes)

    def hand_over(self) -> tuple[bytes, Reservation]:
        """The file, and what holds it, so that nobody else takes its room before it is admitted."""
        # For a moment it is there twice.
        with self._held.budget.hold(Use.ARRIVING, self._size_bytes):
            data = b"".join(self._chunks)
        held = self._held.split(self._size_bytes)
        self._chunks, self._size_bytes = [], 0
        return data, held

    def drop(self) -> None:
        """Lets go of what there is; may be called again."""
        self._chunks = []
        held_bytes, self._size_bytes = self._size_bytes, 0
        self._held.resize(max(0, self._held.size_bytes - held_bytes))


def coming(budget: Budget, caller: str, announced_bytes: int = 0) -> Reservation:
    """Begins to hold what is coming of a caller's file; `announced_bytes` says how large it will be, 0 that it may be
    as large as any."""
    held = budget.hold(Use.WAITING, 0, caller)
    most_bytes = budget.most_file_bytes
    held.may_reach_bytes = min(announced_bytes, most_bytes) if announced_bytes else most_bytes
    return held
