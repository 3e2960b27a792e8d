"""An event loop on a thread of its own, on which synchronous callers run coroutines.

Any number of threads may call at once. An interrupted caller takes its coroutine along, and closing ends what is
still running before the thread is joined.
"""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()

# More than asyncio's own few: a caller's slow iterable holds one while it is waited for.
_BLOCKING_THREADS = 32

_SETTLE_SECONDS = 0.2


class LoopThread:
    """A daemon thread that runs an event loop until it is closed."""

    def __init__(self, name: str) -> None:
        """Starts the thread, and returns when its loop runs."""
        self._lock = threading.Lock()
        self._closed = False
        self._started: concurrent.futures.Future[asyncio.AbstractEventLoop] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        self._loop = self._started.result()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine to its end and returns its result; raises RuntimeError if the loop is closed."""
        with self._lock:
            if self._closed:
                coroutine.close()
                raise RuntimeError("the client is closed")
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise RuntimeError("the client was closed during the call") from None
        except BaseException:
            # What a signal's handler raises ends the wait, but not the coroutine.
            future.cancel()
            raise

    def iterate(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        """Pulls an asynchronous generator item by item, and closes it when this iterator ends or is dropped."""
        # An interrupted pull may still be unwinding when the generator is to be closed.
        turn = asyncio.Lock()
        try:
            while (item := self.run(_pull(items, turn))) is not _END:
                yield item  # type: ignore[misc]
        finally:
            self._finish(_shut(items, turn))

    def close(self) -> None:
        """Cancels running coroutines, ends the loop and joins the thread; further calls do nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _finish(self, coroutine: Coroutine[Any, Any, None]) -> None:
        with self._lock:
            if self._closed:
                coroutine.close()
                return
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        # A forgotten iterator may be dropped by a garbage collection on the loop's own thread, which cannot wait.
        if threading.current_thread() is not self._thread:
            concurrent.futures.wait([future])

    def _serve(self) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._live())

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(_BLOCKING_THREADS, self._thread.name))
        self._stop = asyncio.Event()
        self._started.set_result(loop)
        await self._stop.wait()
        # grpc.aio reports to the loop for a moment after its calls are over, and complains if the loop is gone.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=_SETTLE_SECONDS)


async def _pull(items: AsyncGenerator[T, None], turn: asyncio.Lock) -> T | object:
    async with turn:
        return await anext(items, _END)


async def _shut(items: AsyncGenerator[T, None], turn: asyncio.Lock) -> None:
    async with turn:
        await items.aclose()
