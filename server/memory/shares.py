"""How what waits is shared among callers, and among the files that grow while they are uploaded.

- One caller holds at most half, so that there is always room for another one. The oldest file that is still growing
  may have three quarters of what large files may, and more than that while nobody else waits for room.
- Who holds something already leaves as much free as it holds (dynamic thresholds: Choudhury and Hahne, 1998).
- The oldest file that is still growing finds what it may yet need: many that are begun would otherwise keep each other
  from ever being whole.
- Large files leave a share to the small.
"""

from collections import Counter
from typing import Protocol, TypeVar

_CALLER_SHARE = 1 / 2
_FILE_SHARE = 3 / 4
"""Of what large files may hold, the part that one of them may while others have some."""
_SMALL_SHARE = 1 / 64
_LARGE_SHARE = 7 / 8
"""Of what may wait, the part for images that are more than small themselves."""


class Held(Protocol):
    """What shares are of; see `edgeocr.server.memory.budget.Reservation`."""

    caller: str
    size_bytes: int
    number: int
    may_reach_bytes: int | None


Kind = TypeVar("Kind", bound=Held)


class Shares:
    """Who holds what; not thread-safe, its budget is."""

    def __init__(self) -> None:
        self._used_bytes = 0
        self._callers: Counter[str] = Counter()
        self._held: dict[int, Held] = {}

    @staticmethod
    def most_large_bytes(most_bytes: int) -> int:
        """What large files may hold of what may wait, which is the largest file as well."""
        return int(most_bytes * _LARGE_SHARE)

    def change(self, held: Held, size_bytes: int) -> None:
        """Notes that a reservation has grown, or shrunk."""
        self._used_bytes += size_bytes
        self._callers[held.caller] += size_bytes
        if not self._callers[held.caller]:
            del self._callers[held.caller]
        if held.size_bytes:
            self._held[held.number] = held
        else:
            self._held.pop(held.number, None)

    def fits(self, held: Held, size_bytes: int, most_bytes: int) -> bool:
        """Whether a reservation may grow by so much."""
        large = held.size_bytes + size_bytes > most_bytes * _SMALL_SHARE
        most_now = self.most_large_bytes(most_bytes) if large else most_bytes
        after_bytes = self._used_bytes + size_bytes
        if after_bytes > most_now or self.is_beyond(held, size_bytes, most_bytes):
            return False
        oldest = self._oldest_growing()
        if oldest is None or held.number <= oldest.number or not large:
            return True
        return most_now - after_bytes >= self._may_need(oldest, most_bytes)

    def is_beyond(self, held: Held, size_bytes: int, most_bytes: int) -> bool:
        """Whether it is its own caller's share that keeps a reservation from growing by so much."""
        if not held.caller:
            return False
        others_bytes = self._callers[held.caller] - held.size_bytes
        own_bytes = self._callers[held.caller] + size_bytes
        oldest = self._oldest_growing()
        most_own = most_bytes * _CALLER_SHARE
        if held.may_reach_bytes is not None and not others_bytes and (oldest is None or held.number <= oldest.number):
            most_own = max(most_own, self._most_of_file(most_bytes))
        if own_bytes > most_own:
            # One alone may have more while nobody else has any.
            return others_bytes > 0 or self._used_bytes > held.size_bytes
        if not others_bytes or (oldest is not None and held.number == oldest.number):
            return False
        return own_bytes > most_bytes - self._used_bytes - size_bytes

    def held_bytes(self, caller: str) -> int:
        """What a caller holds."""
        return self._callers[caller]

    def is_full(self, caller: str, most_bytes: int) -> bool:
        """Whether a caller has its share."""
        return self._callers[caller] >= most_bytes * _CALLER_SHARE

    def to_evict(self, waiting: Kind, most_bytes: int) -> Kind | None:
        """What another caller holds beyond its share, if anything, for one who waits."""
        for held in self._held.values():
            if held.caller not in ("", waiting.caller) and held.size_bytes > self._most_of_file(most_bytes):
                return held  # type: ignore[return-value]  # all are of one kind
        return None

    def _oldest_growing(self) -> Held | None:
        growing = [held for held in self._held.values() if held.may_reach_bytes is not None]
        return min(growing, key=lambda held: held.number, default=None)

    def _may_need(self, held: Held, most_bytes: int) -> float:
        assert held.may_reach_bytes is not None
        return max(0.0, min(held.may_reach_bytes, self._most_of_file(most_bytes)) - held.size_bytes)

    def _most_of_file(self, most_bytes: int) -> float:
        return self.most_large_bytes(most_bytes) * _FILE_SHARE
