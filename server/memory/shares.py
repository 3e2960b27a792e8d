"""Fair shares of waiting memory among callers, and among files that grow during upload.

- A caller holds at most half, so that there is always room for another one. The oldest growing file may take three
quarters of the limit for large files, and more while no one else waits for room.
- A caller may hold no more than is free (dynamic thresholds: Choudhury and Hahne, 1998).
- A file grows only if all growing files, oldest first, can still get what they may need: otherwise they could block
each other forever. The share of its own caller does not block the oldest file.
- Large files leave a part to small ones.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

_CALLER_SHARE = 1 / 2
_FILE_SHARE = 3 / 4
"""Fraction of the limit for large files that one of them may take while others hold some."""
SMALL_SHARE = 1 / 64
"""Fraction of the waiting limit from which a file is large."""
_LARGE_SHARE = 7 / 8
"""Fraction of the waiting limit for images that are not small."""


class Held(Protocol):
    """A reservation, see `edgeocr.server.memory.reservation.Reservation`."""

    caller: str
    size_bytes: int
    number: int
    may_reach_bytes: int | None


Kind = TypeVar("Kind", bound=Held)


class Shares:
    """The holdings of callers; not thread-safe, protected by the budget's lock."""

    def __init__(self, small_share: float = SMALL_SHARE) -> None:
        """Takes the fraction from which a file is large."""
        self._small_share = small_share
        self._used_bytes = 0
        self._callers: Counter[str] = Counter()
        self._held: dict[int, Held] = {}

    @staticmethod
    def most_large_bytes(most_bytes: int) -> int:
        """The limit of large files within the waiting limit, which also limits the size of one file."""
        return int(most_bytes * _LARGE_SHARE)

    def change(self, held: Held, size_bytes: int) -> None:
        """Records that a reservation has grown or shrunk."""
        self._used_bytes += size_bytes
        self._callers[held.caller] += size_bytes
        if not self._callers[held.caller]:
            del self._callers[held.caller]
        if held.size_bytes:
            self._held[held.number] = held
        else:
            self._held.pop(held.number, None)

    def fits(self, held: Held, size_bytes: int, most_bytes: int) -> bool:
        """Whether a reservation may grow by this amount."""
        large = max(held.may_reach_bytes or 0, held.size_bytes + size_bytes) > most_bytes * self._small_share
        most_now = self.most_large_bytes(most_bytes) if large else most_bytes
        after_bytes = self._used_bytes + size_bytes
        if after_bytes > most_now or self.is_beyond(held, size_bytes, most_bytes):
            return False
        if not large or not (growing := self._growing()) or growing[0] is held:
            return True
        return self._can_all_end(growing, held, size_bytes, most_now - after_bytes, most_bytes)

    def is_beyond(self, held: Held, size_bytes: int, most_bytes: int) -> bool:
        """Whether a reservation is blocked from growing by its own caller's share."""
        if not held.caller:
            return False
        others_bytes = self._callers[held.caller] - held.size_bytes
        own_bytes = self._callers[held.caller] + size_bytes
        most_own = most_bytes * _CALLER_SHARE
        is_oldest = held.may_reach_bytes is not None and self._growing()[:1] in ([], [held])
        if is_oldest and held.size_bytes + size_bytes <= self._most_of_file(most_bytes):
            # Regardless of its caller's other holdings: later reservations wait for it.
            return False
        if own_bytes > most_own:
            # A single file may take more while there are no others.
            return others_bytes > 0 or self._used_bytes > held.size_bytes
        if is_oldest or not others_bytes:
            return False
        return own_bytes > most_bytes - self._used_bytes - size_bytes

    def held_bytes(self, caller: str) -> int:
        """The bytes that a caller holds."""
        return self._callers[caller]

    def is_full(self, caller: str, most_bytes: int) -> bool:
        """Whether a caller holds its whole share."""
        return self._callers[caller] >= most_bytes * _CALLER_SHARE

    def to_evict(self, waiting: Kind, most_bytes: int) -> Kind | None:
        """The reservation of another caller beyond its share to evict for one that waits, if any."""
        for held in self._held.values():
            if held.caller not in ("", waiting.caller) and held.size_bytes > self._most_of_file(most_bytes):
                return held  # type: ignore[return-value]  # all are of one kind
        return None

    def _growing(self) -> list[Held]:
        """Files being uploaded, oldest first."""
        growing = [held for held in self._held.values() if held.may_reach_bytes is not None]
        return sorted(growing, key=lambda held: held.number)

    def _can_all_end(
        self, growing: Sequence[Held], grown: Held, size_bytes: int, free_bytes: float, most_bytes: int
    ) -> bool:
        """Whether all files could be completed one after the other if one grows by this amount; otherwise they might
        deadlock (the banker's algorithm: Dijkstra, EWD 108)."""
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
