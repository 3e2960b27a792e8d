"""Periodic background tasks, which continue after a failed round."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

_PAUSE_SECONDS = 1.0
"""Pause after a failed round, which could otherwise fail in a busy loop."""

_log = logging.getLogger(__name__)

_THREADS = 3
"""Number of threads: one each for memory checks, loading of weights, and scrapes of metrics."""


async def start_threads() -> None:
    """Starts all of the event loop's threads for blocking work; none is created later."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "background"))
    together = threading.Barrier(_THREADS)
    await asyncio.gather(*(asyncio.to_thread(together.wait) for _ in range(_THREADS)))


class Background:
    """Tasks of the event loop that run until they are stopped.

    Attributes:
        fault: why the server must end: a task that ended unexpectedly; empty while all run.
    """

    def __init__(self, on_fault: Callable[[], None]) -> None:
        """Takes a callback for a task that ends unexpectedly."""
        self._on_fault = on_fault
        self.fault = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def repeat(self, name: str, do_round: Callable[[], Awaitable[None]]) -> None:
        """Starts a task that runs rounds repeatedly; each round includes its own pause."""
        task = asyncio.create_task(_repeat(name, do_round), name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self._stopping:
            return
        reason = "it was cancelled" if task.cancelled() else task.exception()
        self.fault = f"{task.get_name()} ended, without which the server cannot continue: {reason}"
        _log.critical("%s", self.fault)
        self._on_fault()

    async def stop(self) -> None:
        """Stops all tasks."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _repeat(name: str, do_round: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await do_round()
        except Exception:
            _log.exception("%s failed, and continues", name)
            await asyncio.sleep(_PAUSE_SECONDS)
