"""The open calls of all services: how many there are, and whether more images are welcome."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.server.metrics import Metrics


class Calls:
    """Known to every servicer, so that the server can drain them together.

    Attributes:
        ready: whether images are welcome; what health says.
        draining: set once streams are to take no further image.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.ready = False
        self.draining = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = 0

    @contextmanager
    def open(self) -> Iterator[None]:
        """Counts a call while it is open."""
        self._open += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._idle.set()

    @contextmanager
    def answering(self, method: str, images: int = 1) -> Iterator[None]:
        """Counts images that the block has read, with the time that it took and the code that it ended with."""
        start = time.monotonic()
        code: str = Code.CANCELLED
        try:
            yield
            code = "OK"
        except EdgeOcrError as error:
            code = error.code
            raise
        except Exception:
            code = Code.INTERNAL
            raise
        finally:
            for _ in range(images):
                self._metrics.request(method, code, time.monotonic() - start)

    async def idle(self) -> None:
        """Returns once no call is open."""
        await self._idle.wait()

    @contextmanager
    def receiving(self, task: asyncio.Task[None]) -> Iterator[None]:
        """Cancels the task that receives a stream's messages when the server drains, or at the end of the block."""
        draining = asyncio.create_task(self._cancel_on_drain(task))
        try:
            yield
        finally:
            task.cancel()
            draining.cancel()

    async def _cancel_on_drain(self, task: asyncio.Task[None]) -> None:
        await self.draining.wait()
        task.cancel()
