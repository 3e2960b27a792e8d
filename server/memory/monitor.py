"""The watch over memory: it tells the budget what the kernel counts, and gives back what is free before it is short."""

import asyncio
from collections.abc import Callable

from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget

_LOOK_SECONDS = 0.25
_TRIM_FILL = 0.85
"""The share of the budget in memory from which free memory is given back at once."""
_IDLE_LOOKS = 4
"""So many looks without an image in between, and the heap is trimmed anyway."""
_TOLERANCE = 0.02
"""Share of the budget by which all that is reckoned may be off."""


class MemoryMonitor:
    """Compares what is reckoned with what is there."""

    def __init__(
        self, budget: Budget, *, read: Callable[[], int] = resident_bytes, give_back: Callable[[], None] = trim
    ) -> None:
        """Takes how to read the process's memory, and how to give free memory back."""
        self._budget = budget
        self._read = read
        self._give_back = give_back
        self._idle_looks = 0

    def look(self) -> None:
        """Looks once; takes microseconds, or milliseconds if memory is given back."""
        budget = self._budget
        self._idle_looks = 0 if any(budget.used_bytes().values()) else self._idle_looks + 1
        if self._idle_looks == _IDLE_LOOKS:
            self._give_back()
            self._set_base(self._read())
        elif not self._idle_looks:
            self._note_unaccounted()

    def _set_base(self, resident: int) -> None:
        # An image may have come meanwhile.
        if any(self._budget.used_bytes().values()):
            return
        moved = abs(resident - self._budget.base_bytes) > _TOLERANCE * self._budget.total_bytes
        self._budget.observe(base_bytes=resident if moved else None)

    def _note_unaccounted(self) -> None:
        budget = self._budget
        resident = self._read()
        if resident > _TRIM_FILL * budget.total_bytes:
            self._give_back()
            resident = self._read()
        reckoned = budget.base_bytes + sum(budget.used_bytes().values()) + _TOLERANCE * budget.total_bytes
        budget.observe(unaccounted_bytes=max(0, round(resident - reckoned)))


async def watch_memory(pressure: MemoryMonitor, tidy: Callable[[], None]) -> None:
    """Looks until it is cancelled.

    Args:
        pressure: what looks.
        tidy: called before each look, in the event loop's thread.
    """
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        tidy()
        await asyncio.to_thread(pressure.look)
