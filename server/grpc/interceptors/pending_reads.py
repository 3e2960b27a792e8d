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
from typing import Any

import grpc

from edgeocr.model.errors import EdgeOcrError
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
_REST, _NEAR_REST, _MOST_REST_SECONDS = 10, 1, 0.2
"""Minimum pause between checks, in multiples of a check's duration, for hundreds of connections; the second one
applies once much has come."""
_FRESH_SECONDS = 0.01
"""How long a count of the process's memory serves; each gives another thread the chance to hold the event loop up."""
_NOTHING = (0.0, 0)
_END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # the stubs lack it
_EVICTED, _SILENT = object(), object()


class Evicted(Exception):
    """A read was ended because memory is low."""


class Silent(DeadlineExceeded):
    """No message arrived in time."""


class _Read:
    """A read, which goes on if nobody waits for it any more, and ends with its call: gRPC never frees a message that
    arrives for a read that was cancelled.

    So it runs in no task: the call's own is cancelled with the call, and one for each message takes as long as a read.
    """

    def __init__(self, context: Any, call: Call, most_seconds: float) -> None:
        self.call = call
        self.evicted = False
        self.received: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._reading: Coroutine[Any, Any, Any] = context.read()
        self._most_seconds = most_seconds
        self._begun = time.monotonic()

    def go_on(self, _: object = None) -> None:
        """Runs the read until it awaits its message, and again once that has come."""
        try:
            awaited = self._reading.send(None)
        except StopIteration as end:
            if end.value is _END:
                # Recorded here, as gRPC may cancel the call before that sees the end.
                self.call.input_ended = time.monotonic()
            self.end(end.value)
        except asyncio.CancelledError:
            self.received.cancel()
        except EdgeOcrError as error:
            # The traceback would keep the message that is wrong until garbage collection.
            self.end(error.with_traceback(None))
        except Exception as error:
            self.end(error)
        else:
            # What a task does with a future that its coroutine awaits.
            awaited._asyncio_future_blocking = False
            awaited.add_done_callback(self.go_on)

    def is_silent(self, now: float) -> bool:
        return now - max(self._begun, self.call.moved) >= self._most_seconds and not self.call.is_busy()

    def end(self, received: Any) -> None:
        """Hands over the message, grpc.aio.EOF, an error, or the reason for its absence; the first counts."""
        if not self.received.done():
            self.received.set_result(received)


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
        self._ended = self._counted = -math.inf
        self._counted_bytes = self._accounted_bytes = 0
        self._look_seconds = 0.0
        self._is_to_trim = False
        self._trimming: asyncio.Task[None] | None = None

    def is_short(self, caller: str) -> bool:
        """Whether memory is low and no other caller has more incoming bytes, whose reads could be ended instead."""
        if self._too_much_bytes() <= 0 and self._over_bytes(self._resident_bytes()) <= 0:
            return False
        callers = self._of_callers(self._reads)
        return callers.get(caller, _NOTHING) >= max(callers.values(), default=_NOTHING)

    def pass_over(self, call: Call) -> None:
        """Records that the message of a call is not read, though it may have come."""
        self._incoming.recount(call.peer)

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
        return most_bytes - max(self._resident_bytes(), self._budget.accounted_bytes())

    def _resident_bytes(self) -> int:
        """The process's memory by a recent count, and what has been accounted for since."""
        accounted = self._budget.accounted_bytes()
        if (now := time.monotonic()) >= self._counted + _FRESH_SECONDS:
            self._counted, self._counted_bytes, self._accounted_bytes = now, self._read_resident(), accounted
        return self._counted_bytes + max(0, accounted - self._accounted_bytes)

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
        turn = await self._turns.take(call.caller)
        read = _Read(context, call, most_seconds)
        self._reads[read] = None
        self._incoming.begin(call.peer)
        read.go_on()
        size_bytes = received = None
        try:
            received = await read.received
            if isinstance(received, Exception):
                raise received
            if received is _EVICTED:
                raise Evicted
            if received is _SILENT:
                raise Silent(f"message: none arrived within {most_seconds:g} s")
            size_bytes = 0 if received is _END else received[1]
            return received
        except asyncio.CancelledError:
            # The end of messages may have come already, and tells why the call ends.
            await asyncio.sleep(0)
            raise
        finally:
            self._turns.give_back(turn)
            call.touch()
            del self._reads[read]
            if not read.evicted:
                self._incoming.end(call.peer, size_bytes)
            # As an error that was received refers to this frame.
            del read, received

    async def look_and_rest(self) -> None:
        """Looks once, and rests until it is time to look again; what reads that ended held is given back meanwhile."""
        if self._is_to_trim and (self._trimming is None or self._trimming.done()):
            self._is_to_trim = False
            self._trimming = asyncio.create_task(asyncio.to_thread(self._give_back))
        self.look()
        is_near = self._turns.are_awaited or self._incoming.total_bytes > _NEAR_SHARE * self._budget.most_bytes(
            Use.ARRIVING
        )
        least_seconds, rest = (_NEAR_LOOK_SECONDS, _NEAR_REST) if is_near else (_LOOK_SECONDS, _REST)
        await asyncio.sleep(max(least_seconds, min(rest * self._look_seconds, _MOST_REST_SECONDS)))

    def look(self) -> None:
        """Ends reads of silent callers, and as many more as the limit or low memory require."""
        now = time.monotonic()
        for read in [read for read in self._reads if read.is_silent(now)]:
            read.end(_SILENT)
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
            read.end(_EVICTED)
        self._is_to_trim = True
        return True
