"""Background work: rounds that go on even if one of them fails."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

_PAUSE_SECONDS = 1.0
"""After a round that failed: what fails at once would otherwise fail without a pause."""

_log = logging.getLogger(__name__)

_THREADS = 3
"""For a look at memory, loading weights and a scrape of the metrics at a time."""


async def start_threads() -> None:
    """Starts all threads of the event loop for blocking work at once; none is created or ends later."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "background"))
    together = threading.Barrier(_THREADS)
    await asyncio.gather(*(asyncio.to_thread(together.wait) for _ in range(_THREADS)))


class Background:
    """Tasks of the event loop that live until they are stopped.

    Attributes:
        fault: why the server has to end: a task that ended before that; empty while all live.
    """

    def __init__(self, on_fault: Callable[[], None]) -> None:
        """Takes what is called when a task ends on its own, which none should."""
        self._on_fault = on_fault
        self.fault = ""
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    def repeat(self, name: str, do_round: Callable[[], Awaitable[None]]) -> None:
        """Does one round after the other from now on; each round waits for its own turn."""
        task = asyncio.create_task(_repeat(name, do_round), name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if self._stopping:
            return
        reason = "it was cancelled" if task.cancelled() else task.exception()
        self.fault = f"{task.get_name()} ended, without which the server cannot go on: {reason}"
        _log.critical("%s", self.fault)
        self._on_fault()

    async def stop(self) -> None:
        """Ends all of them."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _repeat(name: str, do_round: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await do_round()
        except Exception:
            _log.exception("%s failed, and goes on", name)
            await asyncio.sleep(_PAUSE_SECONDS)
