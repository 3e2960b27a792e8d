"""The open calls of all transports, and whether the server accepts images."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.server.access_log.log import AccessLog
from edgeocr.server.errors import Draining
from edgeocr.server.tracing.tracer import CallTrace, Metadata, Tracing

_LULL_SECONDS = 0.1
_MOST_LULLS = 10


class Lifecycle:
    """Shared by all transports and servicers, so that the server can drain them together.

    Attributes:
        ready: whether the server accepts images, as reported by health checks.
        draining: set when streams must accept no further image.
        access_log: receives an entry for each image and each refused call.
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
        """Traces a call during the `with` block."""
        trace, code = self._tracing.call(method, metadata or ()), str(Code.CANCELLED)
        try:
            yield trace
            code = "OK"
        except EdgeOcrError as error:
            code = error.code
            raise
        except Exception:
            code = Code.INTERNAL
            raise
        finally:
            trace.end(code)

    def begin(self) -> Callable[[], None]:
        """Counts a call as open; returns the function to call when the last byte of its answer is written."""
        self._open += 1
        self._opened += 1
        self._idle.clear()
        return self._end

    def _end(self) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()

    async def drained(self, seconds: float) -> bool:
        """Stops streams from accepting images, and waits until no call is open; False if some are at the end of the
        time limit."""
        self.draining.set()
        try:
            await asyncio.wait_for(self.idle(), seconds)
        except TimeoutError:
            # The time limit may have ended during the final lull.
            return self._idle.is_set()
        return True

    async def idle(self) -> None:
        """Returns when no call has been open for a moment.

        Meanwhile new calls are refused with UNAVAILABLE, after which clients try another server. A stopped gRPC server
        would cancel them instead, and clients do not retry after CANCELLED.
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
        """Receives a call's images during the `with` block, until the server drains; yields a function that waits for
        the end of receiving, and raises its error or Draining."""
        # The error's traceback must not refer to the task, which would keep everything of the call alive.
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
