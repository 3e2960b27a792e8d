"""The watch over memory: it tells the budget what the kernel counts, and gives back what is free before it is short.

The base stays what it was at the start. What an idle process holds beyond it, since its heap is full of holes or
something leaks, is unaccounted for: it leaves less to images that are read side by side, and none of those that were
admitted at the start is refused for good. Once the largest of them would not fit any more, only a restart helps.
"""

import time
from collections.abc import Callable

from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

LOOK_SECONDS = 0.25
_TRIM_FILL = 0.85
"""The share of the budget in memory from which free memory is given back at once."""
_IDLE_LOOKS = 4
"""So many looks without an image in between, and the heap is trimmed anyway."""
_RETRY_LOOKS = 40
"""So many more, and it is trimmed again while something is unaccounted for."""
_TOLERANCE = 0.02
"""Share of the budget by which all that is reckoned may be off."""
_LASTING_SECONDS = 30.0
"""How long too much must be unaccounted for until a restart is asked for."""


class MemoryMonitor:
    """Compares what is reckoned with what is there."""

    def __init__(
        self,
        budget: Budget,
        *,
        read: Callable[[], int] = resident_bytes,
        give_back: Callable[[], None] = trim,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes how to read the process's memory, how to give free memory back, and a clock in seconds."""
        self._budget = budget
        self._read = read
        self._give_back = give_back
        self._clock = clock
        self._idle_looks = 0
        self._too_much_since: float | None = None

    def look(self) -> None:
        """Looks once; takes microseconds, or milliseconds if memory is given back."""
        budget = self._budget
        self._idle_looks = 0 if any(budget.used_bytes().values()) else self._idle_looks + 1
        if 0 < self._idle_looks < _IDLE_LOOKS:
            # What was freed of late is still resident.
            return
        resident = self._read()
        idle_for = self._idle_looks - _IDLE_LOOKS
        if self._is_short(resident) if idle_for < 0 else self._is_due(idle_for):
            self._give_back()
            resident = self._read()
        reckoned = budget.accounted_bytes() + _TOLERANCE * budget.total_bytes
        budget.observe(unaccounted_bytes=max(0, round(resident - reckoned)))
        if budget.unaccounted_bytes <= self._most_bytes():
            self._too_much_since = None
        elif self._too_much_since is None:
            self._too_much_since = self._clock()

    def _is_short(self, resident: int) -> bool:
        return resident > _TRIM_FILL * self._budget.total_bytes

    def _is_due(self, idle_for: int) -> bool:
        return idle_for == 0 or (idle_for % _RETRY_LOOKS == 0 and self._budget.unaccounted_bytes > 0)

    def _most_bytes(self) -> int:
        """How much may be unaccounted for: what base and the largest image leave of the budget."""
        return self._budget.total_bytes - self._budget.base_bytes - self._budget.most_bytes(Use.RUNNING)

    def complaint(self) -> str:
        """Why the process should be restarted; empty while it need not be."""
        since = self._too_much_since
        if since is None or self._clock() - since < _LASTING_SECONDS:
            return ""
        return (
            f"{self._budget.unaccounted_bytes >> 20}MiB of memory are held by nothing that is known, and the largest "
            "image would not fit beside them (memory_budget)"
        )
