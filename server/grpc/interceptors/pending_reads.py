"""Pending reads of messages: gRPC reports nothing of a message before it is complete.

Each may hold as many bytes as a message may have. There are many more at a time than would have room if all of them
came, since most are of streams that are silent. So the kernel's count decides: near the budget those that were begun
last end, of the caller with the most of them.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from edgeocr.server.errors import DeadlineExceeded
from edgeocr.server.grpc.call import Call
from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget

_FILL, _MOST_FILL = 0.85, 0.93
"""The share of the budget in memory from which reads end: if they are what takes it, and in any case."""
_SETTLE_SECONDS = 0.04
"""Between the ends of reads: what they held is not free at once."""
_NEAR_FILL = 0.6
_LOOK_SECONDS = 0.1
_NEAR_LOOK_SECONDS = 0.02
"""Between looks once memory is taken; over a fast network megabytes come in that time."""


class Evicted(Exception):
    """A read was ended since memory is short."""


class Silent(DeadlineExceeded):
    """No message came in time."""


@dataclass(eq=False, slots=True)
class _Read:
    call: Call
    waiting: asyncio.Timeout
    most_seconds: float
    begun: float = field(default_factory=time.monotonic)
    evicted: bool = False

    def is_silent(self, now: float) -> bool:
        return now - max(self.begun, self.call.moved) >= self.most_seconds and not self.call.is_busy()

    def end(self) -> None:
        if not self.waiting.expired():
            self.waiting.reschedule(0)


class PendingReads:
    """All reads of messages, in the order in which they began."""

    def __init__(
        self,
        budget: Budget,
        message_bytes: int,
        *,
        read_resident: Callable[[], int] = resident_bytes,
        give_back: Callable[[], None] = trim,
    ) -> None:
        """Takes how large a message may be, how to read what the process holds, and how to give free memory back."""
        self._budget = budget
        self._message_bytes = message_bytes
        self._read_resident = read_resident
        self._give_back = give_back
        self._reads: dict[_Read, None] = {}
        self._ended = -math.inf

    def is_short(self, caller: str) -> bool:
        """Whether memory is short now, and no other caller has more reads that could end in place of one of its own."""
        if self._over_bytes(self._read_resident()) <= 0:
            return False
        callers = Counter(read.call.caller for read in self._reads)
        return callers[caller] >= max(callers.values(), default=0)

    def _over_bytes(self, resident: int) -> int:
        total = self._budget.total_bytes
        over = min(resident - round(total * _FILL), resident - self._budget.accounted_bytes())
        return max(over, resident - round(total * _MOST_FILL))

    async def read(self, context: Any, call: Call, most_seconds: float) -> Any:
        """A call's next message, or grpc.aio.EOF.

        Raises:
            Evicted: memory is short.
            Silent: it did not come within so many seconds, while the server had nothing to do for the call.
        """
        async with asyncio.timeout(None) as waiting:
            read = _Read(call, waiting, most_seconds)
            self._reads[read] = None
            try:
                return await context.read()
            except asyncio.CancelledError:
                if not waiting.expired():
                    raise
                if read.evicted:
                    raise Evicted from None
                raise Silent(f"message: none came within {most_seconds:g} s") from None
            finally:
                call.touch()
                del self._reads[read]

    async def look_and_rest(self) -> None:
        """Looks once, and rests until it is time to look again."""
        self.look()
        near = self._budget.total_bytes * _NEAR_FILL
        is_near = bool(self._reads) and self._read_resident() > near
        await asyncio.sleep(_NEAR_LOOK_SECONDS if is_near else _LOOK_SECONDS)

    def look(self) -> None:
        """Ends the reads of those who are silent, and as many more as memory is short of."""
        now = time.monotonic()
        for read in [read for read in self._reads if read.is_silent(now)]:
            read.end()
        resident = self._read_resident()
        over_bytes = self._over_bytes(resident)
        if self._reads and over_bytes > 0 and now >= self._ended + _SETTLE_SECONDS:
            mean_bytes = max(1, resident - self._budget.accounted_bytes()) / len(self._reads)
            for _ in range(math.ceil(over_bytes / min(mean_bytes, self._message_bytes))):
                self._evict()
            self._give_back()
            self._ended = time.monotonic()

    def _evict(self) -> None:
        reads = [read for read in self._reads if not read.evicted]
        if not reads:
            return
        callers = Counter(read.call.caller for read in reads)
        most = max(callers.values())
        newest = next(read for read in reversed(reads) if callers[read.call.caller] == most)
        newest.evicted = True
        newest.end()
