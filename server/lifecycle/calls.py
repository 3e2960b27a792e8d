"""The open calls of all transports: how many there are, and whether more images are welcome."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.errors import Draining
from edgeocr.server.tracing.tracer import CallTrace, Metadata, Tracing

_LULL_SECONDS = 0.1
_MOST_LULLS = 10


class Lifecycle:
    """Known to every transport and servicer, so that the server can drain them together.

    Attributes:
        ready: whether images are welcome; what health says.
        draining: set once streams are to take no further image.
        access_log: takes a line about each image, and each call that is refused.
    """

    def __init__(self, tracing: Tracing, access_log: AccessLog | None = None) -> None:
        self._tracing = tracing
        self.access_log = access_log or AccessLog()
        self.ready = False
        self.draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = 0
        self._opened = 0

    @contextmanager
    def open(self, method: str, metadata: Metadata | None) -> Iterator[CallTrace]:
        """Traces a call, as traces name it, while its block runs."""
        trace = self._tracing.call(method, metadata or ())
        try:
            with _ending_code() as ending:
                yield trace
        finally:
            trace.end(ending.code)

    def begin(self) -> Callable[[], None]:
        """Counts a call as open until what this returns is called, once the last byte of its answer is written."""
        self._open += 1
        self._opened += 1
        self._idle.clear()
        return self._end

    def _end(self) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()

    async def drained(self, seconds: float) -> bool:
        """Has streams take no further image, and waits until no call is open; False if some still are by then."""
        self.draining.set()
        try:
            await asyncio.wait_for(self.idle(), seconds)
        except TimeoutError:
            # It may have been no more than the lull that was not over yet.
            return self._idle.is_set()
        return True

    async def idle(self) -> None:
        """Returns once no call is open, and none came for a moment.

        Clients that do not know yet that the server drains get UNAVAILABLE, while gRPC, once stopped, would cancel
        calls on their way: clients take UNAVAILABLE for a reason to ask another server, but not CANCELLED.
        """
        for _ in range(_MOST_LULLS):
            await self._idle.wait()
            opened = self._opened
            await asyncio.sleep(_LULL_SECONDS)
            if opened == self._opened:
                break
        await self._idle.wait()

    @asynccontextmanager
    async def receiving(self, receive: Coroutine[Any, Any, None]) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Receives a call's images while its block runs, until the server drains; yields what waits for all of them and
        raises what went wrong, or Draining."""
        # An error leads to what raised it: no name there leads to the task, and to all that the call had.
        receiving = [asyncio.create_task(receive)]
        draining = asyncio.create_task(self._cancel_on_drain(receiving[0]))

        async def received() -> None:
            await asyncio.wait(receiving)
            if receiving[0].cancelled():
                raise Draining("the server is shutting down; images without an answer were not read")
            receiving[0].result()

        try:
            yield received
        finally:
            receiving.pop().cancel()
            draining.cancel()

    async def _cancel_on_drain(self, task: asyncio.Task[None]) -> None:
        await self.draining.wait()
        task.cancel()


@dataclass(slots=True)
class _Ending:
    code: str = Code.CANCELLED


@contextmanager
def _ending_code() -> Iterator[_Ending]:
    """Has the code of how its block ended: that of an error, OK, or CANCELLED where it was not let finish."""
    ending = _Ending()
    try:
        yield ending
        ending.code = "OK"
    except EdgeOcrError as error:
        ending.code = error.code
        raise
    except Exception:
        ending.code = Code.INTERNAL
        raise
