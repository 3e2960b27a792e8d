"""A file that comes in chunks: what is there of it is reckoned with as it arrives."""

from collections.abc import Callable

from edgeocr.model.errors import Limit, TooLarge
from edgeocr.server.budget import Budget, Use
from edgeocr.server.jobs import MemoryFull


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
        self._chunks: list[bytes] = []
        self._size_bytes = 0

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

    def add(self, chunk: bytes) -> None:
        """Takes the next chunk; after an error nothing is held any more.

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
        if not self._budget.take(Use.WAITING, len(chunk)):
            most_bytes = self._budget.most_bytes(Use.WAITING)
            self.drop()
            raise MemoryFull(
                f"images that wait take as much memory as they may, {most_bytes} bytes (waiting_bytes)",
                Limit("waiting_bytes", most_bytes, size_bytes),
                self._retry_seconds(),
            )
        self._chunks.append(chunk)
        self._size_bytes = size_bytes

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

    def drop(self) -> None:
        """Lets go of what there is; may be called again."""
        self._chunks = []
        held_bytes, self._size_bytes = self._size_bytes, 0
        self._budget.adjust(Use.WAITING, -held_bytes)
