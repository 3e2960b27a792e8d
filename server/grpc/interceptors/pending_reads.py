"""Accounting for pending reads of messages: gRPC reports nothing of a message before it is complete.

Each read may receive up to the maximum message size, and most reads are of idle streams, so there are more than could
complete at once. The kernel's count of received bytes per connection is accounted for under the use `arriving`. Beyond
its limit, reads of the caller with the most bytes are ended, on its newest connection. The same happens near the memory
budget, in case the process holds bytes that no connection accounts for. And no more reads begin between two looks at
these counts than there is room for (`edgeocr.server.grpc.interceptors.turns`).
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

import grpc

from edgeocr.server.errors import DeadlineExceeded
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.interceptors.incoming import Incoming
from edgeocr.server.grpc.interceptors.turns import Turns
from edgeocr.server.host.connections import ReceivedBytes
from edgeocr.server.host.heap import trim
from edgeocr.server.host.memory import resident_bytes
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

_FILL, _MOST_FILL = 0.85, 0.93
"""Fractions of the budget from which reads are ended: if they hold the memory, and in any case."""
_SETTLE_SECONDS = 0.04
"""Pause between ending reads, whose memory is not freed immediately."""
_GRAIN_BYTES = 64 * 1024
"""Granularity of the accounting; less than this does not count as activity."""
_NEAR_SHARE = 0.25
"""Fraction of the limit for arriving bytes."""
_LOOK_SECONDS = 0.05
_NEAR_LOOK_SECONDS = 0.01
"""Between looks once so much has come, or reads wait for a look; over a fast network megabytes come in that time."""
_REST, _MOST_REST_SECONDS = 10, 0.2
"""Minimum pause between checks, in multiples of a check's duration, for hundreds of connections."""


_NOTHING = (0.0, 0)
_END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # the stubs lack it
_EVICTED, _SILENT = object(), object()


class Evicted(Exception):
    """A read was ended because memory is low."""


class Silent(DeadlineExceeded):
    """No message arrived in time."""


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
    """All reads of messages, in order of their start."""

    def __init__(
        self,
        budget: Budget,
        message_bytes: int,
        *,
        read_resident: Callable[[], int] = resident_bytes,
        received: ReceivedBytes | None = None,
        give_back: Callable[[], None] = trim,
    ) -> None:
        """Takes the maximum message size, functions that read the process's memory and received bytes, and one that
        returns free memory to the system."""
        self._budget = budget
        self._message_bytes = message_bytes
        self._read_resident = read_resident
        self._give_back = give_back
        self._incoming = Incoming(received or ReceivedBytes())
        self._held = budget.hold(Use.ARRIVING, 0)
        self._reads: dict[_Read, None] = {}
        self._turns = Turns(message_bytes, self._room_bytes)
        self._ended = -math.inf
        self._look_seconds = 0.0
        self._is_to_trim = False
        self._trimming: asyncio.Task[None] | None = None

    def is_short(self, caller: str) -> bool:
        """Whether memory is low and no other caller has more incoming bytes, whose reads could be ended instead."""
        if self._too_much_bytes() <= 0 and self._over_bytes(self._read_resident()) <= 0:
            return False
        callers = self._of_callers(self._reads)
        return callers.get(caller, _NOTHING) >= max(callers.values(), default=_NOTHING)

    def _too_much_bytes(self) -> int:
        """Bytes that have arrived beyond the limit."""
        return self._incoming.total_bytes - self._budget.most_bytes(Use.ARRIVING)

    def _over_bytes(self, resident: int) -> int:
        total = self._budget.total_bytes
        over = min(resident - round(total * _FILL), resident - self._budget.accounted_bytes())
        return max(over, resident - round(total * _MOST_FILL))

    def _room_bytes(self) -> int:
        """What more may come before reads end in any case, if all that is accounted for comes as well."""
        most_bytes = round(self._budget.total_bytes * _MOST_FILL)
        return most_bytes - max(self._read_resident(), self._budget.accounted_bytes())

    def _of_callers(self, reads: Iterable[_Read]) -> dict[str, tuple[float, int]]:
        """Bytes and number of reads of each caller."""
        callers: dict[str, tuple[float, int]] = {}
        for read in reads:
            size_bytes, count = callers.get(read.call.caller, _NOTHING)
            callers[read.call.caller] = size_bytes + self._incoming.of_each(read.call.peer), count + 1
        return callers

    async def read(self, context: Any, call: Call, most_seconds: float) -> Any:
        """Reads a call's next message, or grpc.aio.EOF.

        Raises:
            Evicted: memory is low.
            Silent: it did not arrive within `most_seconds`, while the server was not working for the call.
        """
        received = await self._next(context, call, most_seconds)
        if received is _EVICTED:
            raise Evicted
        if received is _SILENT:
            raise Silent(f"message: none arrived within {most_seconds:g} s")
        return received

    async def _next(self, context: Any, call: Call, most_seconds: float) -> Any:
        """A call's next message, grpc.aio.EOF, or the reason for its absence.

        Errors are returned, not raised: a traceback would keep the waiting task and its message until garbage
            collection.
        """
        turn = await self._turns.take(call.caller)
        async with asyncio.timeout(None) as waiting:
            read = _Read(call, waiting, most_seconds)
            self._reads[read] = None
            self._incoming.begin(call.peer)
            size_bytes = None
            try:
                message = await _uncancelled(self._received(context, call))
                size_bytes = 0 if message is _END else message[1]
                return message
            except asyncio.CancelledError:
                if not waiting.expired():
                    raise
                return _EVICTED if read.evicted else _SILENT
            finally:
                self._turns.give_back(turn)
                call.touch()
                del self._reads[read]
                if not read.evicted:
                    self._incoming.end(call.peer, size_bytes)

    async def _received(self, context: Any, call: Call) -> Any:
        message = await context.read()
        if message is _END:
            # Recorded in this task, as gRPC may cancel the call's own before that sees the end.
            call.input_ended = time.monotonic()
        return message

    async def look_and_rest(self) -> None:
        """Looks once, and rests until it is time to look again; what reads that ended held is given back meanwhile."""
        if self._is_to_trim and (self._trimming is None or self._trimming.done()):
            self._is_to_trim = False
            self._trimming = asyncio.create_task(asyncio.to_thread(self._give_back))
        self.look()
        is_near = self._turns.are_awaited or self._incoming.total_bytes > _NEAR_SHARE * self._budget.most_bytes(
            Use.ARRIVING
        )
        least_seconds = _NEAR_LOOK_SECONDS if is_near else _LOOK_SECONDS
        await asyncio.sleep(max(least_seconds, min(_REST * self._look_seconds, _MOST_REST_SECONDS)))

    def look(self) -> None:
        """Ends reads of silent callers, and as many more as the limit or low memory require."""
        now = time.monotonic()
        for read in [read for read in self._reads if read.is_silent(now)]:
            read.end()
        self._incoming.look()
        self._look_seconds = time.monotonic() - now
        while self._too_much_bytes() > 0 and self._evict():
            pass
        self._held.resize(self._incoming.total_bytes // _GRAIN_BYTES * _GRAIN_BYTES)
        resident = self._read_resident()
        over_bytes = self._over_bytes(resident)
        if self._reads and over_bytes > 0 and now >= self._ended + _SETTLE_SECONDS:
            mean_bytes = max(1, resident - self._budget.accounted_bytes()) / len(self._reads)
            for _ in range(math.ceil(over_bytes / min(mean_bytes, self._message_bytes))):
                self._evict()
            self._ended = time.monotonic()
        self._turns.look()

    def _evict(self) -> bool:
        """Ends the reads on the newest connection of the caller with the most bytes; False if there are none.

        The bytes of a connection are stored together, and freed when no read of it is pending.
        """
        reads = [read for read in self._reads if not read.evicted]
        if not reads:
            return False
        callers = self._of_callers(reads)
        most = max(callers.values())
        of_most = [read for read in reads if callers[read.call.caller] == most]
        ended = of_most[-1:]
        if (peer := self._incoming.newest(read.call.peer for read in of_most)) is not None:
            ended = [read for read in of_most if read.call.peer == peer]
        for read in ended:
            read.evicted = True
            self._incoming.end(read.call.peer, None)
            read.end()
        self._is_to_trim = True
        return True


async def _uncancelled(reading: Coroutine[Any, Any, Any]) -> Any:
    """The result of a read, which goes on if the caller of this is cancelled: gRPC never frees a message that arrives
    for a read that was cancelled. The read ends with its call.
    """
    task = asyncio.ensure_future(reading)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_forget)
        # The end of messages may have come already, and tells why the call ends.
        await asyncio.sleep(0)
        raise


def _forget(task: "asyncio.Future[Any]") -> None:
    """Drops a result that nobody waits for."""
    if not task.cancelled():
        task.exception()
