"""How what waits is shared among callers, and among the files that grow while they are uploaded.

- One caller holds at most half, so that there is always room for another one. The oldest file that is still growing
  may have three quarters of what large files may, and more than that while nobody else waits for room.
- Who holds something already leaves as much free as it holds (dynamic thresholds: Choudhury and Hahne, 1998).
- A file grows only where each of those that are begun, the oldest first, still finds what it may yet need: many would
  otherwise keep each other from ever being whole. The oldest of all is not kept back by its own caller's share.
- Large files leave a share to the small.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

_CALLER_SHARE = 1 / 2
_FILE_SHARE = 3 / 4
"""Of what large files may hold, the part that one of them may while others have some."""
SMALL_SHARE = 1 / 64
"""Of what may wait, the size of a file from which it is a large one."""
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

    def __init__(self, small_share: float = SMALL_SHARE) -> None:
        """Takes from which share on a file is a large one."""
        self._small_share = small_share
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
        large = max(held.may_reach_bytes or 0, held.size_bytes + size_bytes) > most_bytes * self._small_share
        most_now = self.most_large_bytes(most_bytes) if large else most_bytes
        after_bytes = self._used_bytes + size_bytes
        if after_bytes > most_now or self.is_beyond(held, size_bytes, most_bytes):
            return False
        growing = self._growing()
        if not large or not growing or growing[0] is held:
            return True
        return self._can_all_end(growing, held, size_bytes, most_now - after_bytes, most_bytes)

    def is_beyond(self, held: Held, size_bytes: int, most_bytes: int) -> bool:
        """Whether it is its own caller's share that keeps a reservation from growing by so much."""
        if not held.caller:
            return False
        others_bytes = self._callers[held.caller] - held.size_bytes
        own_bytes = self._callers[held.caller] + size_bytes
        most_own = most_bytes * _CALLER_SHARE
        growing = self._growing()
        is_oldest = held.may_reach_bytes is not None and (not growing or growing[0] is held)
        if is_oldest and held.size_bytes + size_bytes <= self._most_of_file(most_bytes):
            # Whatever else its caller has: those that came later wait for it.
            return False
        if own_bytes > most_own:
            # One alone may have more while nobody else has any.
            return others_bytes > 0 or self._used_bytes > held.size_bytes
        if is_oldest or not others_bytes:
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

    def _growing(self) -> list[Held]:
        """Files that are uploaded, the oldest first."""
        growing = [held for held in self._held.values() if held.may_reach_bytes is not None]
        return sorted(growing, key=lambda held: held.number)

    def _can_all_end(
        self, growing: Sequence[Held], grown: Held, size_bytes: int, free_bytes: float, most_bytes: int
    ) -> bool:
        """Whether each file finds what it may need once those before it have gone, if one grows by so much: else they
        may keep each other from ever being whole (the banker's algorithm: Dijkstra, EWD 108)."""
        begins = [] if grown.size_bytes or grown.may_reach_bytes is None else [grown]
        for held in sorted([*growing, *begins], key=lambda held: held.number):
            more_bytes = size_bytes if held is grown else 0
            if self._may_need(held, most_bytes) - more_bytes > free_bytes:
                return False
            free_bytes += held.size_bytes + more_bytes
        return True

    def _may_need(self, held: Held, most_bytes: int) -> float:
        assert held.may_reach_bytes is not None
        return max(0.0, min(held.may_reach_bytes, self._most_of_file(most_bytes)) - held.size_bytes)

    def _most_of_file(self, most_bytes: int) -> float:
        return self.most_large_bytes(most_bytes) * _FILE_SHARE
