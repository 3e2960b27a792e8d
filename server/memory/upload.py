"""Files that come in chunks: what is there of them is reckoned with as it arrives."""

import time
from collections.abc import Callable

from edgeocr.model.errors import Limit, TooLarge
from edgeocr.server.errors import MemoryFull
from edgeocr.server.memory.budget import Budget, Use

CHUNK_SECONDS = 30.0
"""How long a file that is begun may keep its memory until more of it comes."""
_CHUNK_BYTES = 64 * 1024


def no_room(budget: Budget, asked_bytes: int, retry_seconds: float) -> MemoryFull:
    """What says that images that wait take all the memory that they may."""
    most_bytes = budget.most_bytes(Use.WAITING)
    return MemoryFull(
        f"images that wait take as much memory as they may, {most_bytes} bytes (waiting_bytes)",
        Limit("waiting_bytes", most_bytes, asked_bytes),
        retry_seconds,
    )


class Room:
    """Bytes that are kept for what is about to come; `size_bytes` are left of them."""

    def __init__(self, budget: Budget, size_bytes: int) -> None:
        """Takes over bytes that were taken for waiting."""
        self._budget = budget
        self.size_bytes = size_bytes

    def spend(self, most_bytes: int) -> int:
        """Hands over as many bytes as it has, up to so many."""
        spent_bytes = min(most_bytes, self.size_bytes)
        self.size_bytes -= spent_bytes
        return spent_bytes

    def joined(self, size_bytes: int) -> "Room":
        """Itself with bytes that another one has handed over."""
        self.size_bytes += size_bytes
        return self

    def close(self) -> None:
        """Gives back what was not spent; may be called again."""
        self._budget.adjust(Use.WAITING, -self.spend(self.size_bytes))


class UploadTimeout:
    """How long the sender of a file is waited for: for each part of it, and for all of them together.

    Who sends a byte now and then would otherwise keep the memory of what came for good.
    """

    def __init__(self, most_seconds: float) -> None:
        """Takes the most for all of a file."""
        self._most_seconds = most_seconds
        self._left_seconds = most_seconds
        self._since: float | None = None

    def begin(self) -> float:
        """The sender is waited for from now on; returns for how many seconds at most."""
        self._since = time.monotonic()
        return max(0.0, min(CHUNK_SECONDS, self._left_seconds))

    def end(self) -> None:
        """A part came; may be called again."""
        if self._since is not None:
            self._left_seconds -= time.monotonic() - self._since
            self._since = None

    def renew(self) -> None:
        """The file is whole, and another may come."""
        self._left_seconds = self._most_seconds

    def complaint(self) -> str:
        """What is said once what `begin` returned is over."""
        if self._left_seconds < CHUNK_SECONDS:
            return f"it was not whole after {self._most_seconds:g} s of waiting for it (upload_seconds)"
        return f"no more of it came within {CHUNK_SECONDS:g} s (chunk_seconds)"


class Upload:
    """Takes the chunks of one file, until it is whole or not wanted any more."""

    def __init__(
        self, budget: Budget, most_bytes: int, retry_seconds: Callable[[], float], limit_name: str = "file_bytes"
    ) -> None:
        """Takes where to reckon with it, its largest size, when there may be room for it, and that size's name."""
        self._budget = budget
        self._most_bytes = most_bytes
        self._limit_name = limit_name
        self._retry_seconds = retry_seconds
        self._chunks: list[bytes | bytearray] = []
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much of it is there."""
        return self._size_bytes

    def expect(self, size_bytes: int) -> None:
        """Hears how large the file will be, where that is known before it comes.

        Raises:
            TooLarge: the file will be too large.
        """
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self.drop()
            raise TooLarge(
                f"image: {size_bytes} bytes, the limit is {most_bytes} ({self._limit_name})",
                Limit(self._limit_name, most_bytes, size_bytes),
            )

    def add(self, chunk: bytes, room: "Room | None" = None) -> None:
        """Takes the next chunk, into room that was kept for it if there is some; after an error it holds nothing.

        Raises:
            TooLarge: the file is too large.
            MemoryFull: there is no room for it now.
        """
        size_bytes = self._size_bytes + len(chunk)
        most_bytes = self._most_now()
        if size_bytes > most_bytes:
            self.drop()
            raise TooLarge(
                f"image: {size_bytes} bytes and more, the limit is {most_bytes} ({self._limit_name})",
                Limit(self._limit_name, most_bytes, size_bytes),
            )
        kept_bytes = room.spend(len(chunk)) if room is not None else 0
        if not self._budget.take(Use.WAITING, len(chunk) - kept_bytes):
            self._budget.adjust(Use.WAITING, -kept_bytes)
            self.drop()
            raise no_room(self._budget, size_bytes, self._retry_seconds())
        self._keep(chunk)
        self._size_bytes = size_bytes

    def _keep(self, chunk: bytes) -> None:
        # Small chunks are put together, since each costs some bytes beside its own.
        if len(chunk) >= _CHUNK_BYTES:
            self._chunks.append(chunk)
        elif self._chunks and isinstance(last := self._chunks[-1], bytearray) and len(last) < _CHUNK_BYTES:
            last += chunk
        else:
            self._chunks.append(bytearray(chunk))

    def _most_now(self) -> int:
        """Its largest size; what may wait shrinks as the process grows, and waiting would not help then."""
        return min(self._most_bytes, self._budget.most_file_bytes)

    def whole(self) -> bytes:
        """The file, which is reckoned with no longer."""
        # For a moment it is there twice.
        self._budget.adjust(Use.ARRIVING, self._size_bytes)
        try:
            return b"".join(self._chunks)
        finally:
            self._budget.adjust(Use.ARRIVING, -self._size_bytes)
            self.drop()

    def hand_over(self) -> tuple[bytes, Room]:
        """The file, and the room that it takes, so that nobody else can take that before it is admitted."""
        room = Room(self._budget, self._size_bytes)
        self._budget.adjust(Use.WAITING, self._size_bytes)
        return self.whole(), room

    def drop(self) -> None:
        """Lets go of what there is; may be called again."""
        self._chunks = []
        held_bytes, self._size_bytes = self._size_bytes, 0
        self._budget.adjust(Use.WAITING, -held_bytes)
