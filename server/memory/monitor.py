"""The memory monitor: reports the kernel's count to the budget, and returns free memory to the system in time.

The base stays as measured at the start. Memory that the idle process holds beyond it, through heap fragmentation or
leaks, is unaccounted for: it reduces the number of images read in parallel, but no image that was accepted at the start
is refused permanently. If the largest image no longer fits, only a restart helps.
"""

import time
from collections.abc import Callable

from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

LOOK_SECONDS = 0.25
_TRIM_FILL = 0.85
"""Fraction of the budget from which free memory is returned immediately."""
_IDLE_LOOKS = 4
"""Number of consecutive idle checks after which the heap is trimmed anyway."""
_RETRY_LOOKS = 40
"""Number of further idle checks after which it is trimmed again while memory is unaccounted for."""
_TOLERANCE = 0.02
"""Tolerance of the accounting, as a fraction of the budget."""
_LASTING_SECONDS = 30.0
"""How long too much memory must be unaccounted for before a restart is requested."""


class MemoryMonitor:
    """Compares accounted with resident memory."""

    def __init__(
        self,
        budget: Budget,
        *,
        read: Callable[[], int] = resident_bytes,
        give_back: Callable[[], None] = trim,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes functions that read the process's memory and return free memory, and a clock in seconds."""
        self._budget = budget
        self._read = read
        self._give_back = give_back
        self._clock = clock
        self._idle_looks = 0
        self._too_much_since: float | None = None

    def look(self) -> None:
        """Checks once; takes microseconds, or milliseconds if memory is returned."""
        budget = self._budget
        self._idle_looks = 0 if any(budget.used_bytes().values()) else self._idle_looks + 1
        if 0 < self._idle_looks < _IDLE_LOOKS:
            # Recently freed memory is still resident.
            return
        resident = self._read()
        idle_for = self._idle_looks - _IDLE_LOOKS
        if self._is_short(resident) if idle_for < 0 else self._is_due(idle_for):
            self._give_back()
            resident = self._read()
        accounted = budget.accounted_bytes() + _TOLERANCE * budget.total_bytes
        budget.observe(unaccounted_bytes=max(0, round(resident - accounted)))
        if budget.unaccounted_bytes <= self._most_bytes():
            self._too_much_since = None
        elif self._too_much_since is None:
            self._too_much_since = self._clock()

    def _is_short(self, resident: int) -> bool:
        return resident > _TRIM_FILL * self._budget.total_bytes

    def _is_due(self, idle_for: int) -> bool:
        return idle_for == 0 or (idle_for % _RETRY_LOOKS == 0 and self._budget.unaccounted_bytes > 0)

    def _most_bytes(self) -> int:
        """The maximum unaccounted memory: the budget minus base and the largest image."""
        return self._budget.total_bytes - self._budget.base_bytes - self._budget.most_bytes(Use.RUNNING)

    def complaint(self) -> str:
        """Why the process should be restarted; empty if it should not."""
        since = self._too_much_since
        if since is None or self._clock() - since < _LASTING_SECONDS:
            return ""
        return (
            f"{self._budget.unaccounted_bytes >> 20}MiB of memory are unaccounted for, and the largest "
            "image would not fit in addition (memory_budget)"
        )
