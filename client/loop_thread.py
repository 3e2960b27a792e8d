"""An event loop on its own thread, on which synchronous callers run coroutines.

Any number of threads may call concurrently. Interrupting a caller cancels its coroutine; closing cancels running
coroutines before the thread is joined.
"""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, TypeVar

T = TypeVar("T")

_END = object()

# More than asyncio's default: each slow iterable of a caller blocks one thread.
_BLOCKING_THREADS = 32

_SETTLE_SECONDS = 0.2


class LoopThread:
    """A daemon thread that runs an event loop until it is closed."""

    def __init__(self, name: str) -> None:
        """Starts the thread, and returns when its loop is running."""
        self._lock = threading.Lock()
        self._closed = False
        self._started: concurrent.futures.Future[asyncio.AbstractEventLoop] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        self._loop = self._started.result()

    @property
    def closed(self) -> bool:
        """Whether `close` has been called."""
        return self._closed

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine and returns its result; raises RuntimeError if the loop is closed."""
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
            # An exception from a signal handler ends the wait, but not the coroutine.
            future.cancel()
            raise

    def iterate(self, items: AsyncGenerator[T, None]) -> Iterator[T]:
        """Iterates over an asynchronous generator, which is closed when this iterator ends or is dropped."""
        # An interrupted step may still be unwinding when the generator is closed.
        turn = asyncio.Lock()
        try:
            while (item := self.run(_pull(items, turn))) is not _END:
                yield item  # type: ignore[misc]
        finally:
            self._finish(_shut(items, turn))

    def close(self) -> None:
        """Cancels running coroutines, stops the loop and joins the thread; further calls do nothing."""
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
        # The garbage collector may drop a forgotten iterator on the loop's own thread, which must not block.
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
        # grpc.aio uses the loop for a moment after its calls have ended, and logs errors if it is closed.
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=_SETTLE_SECONDS)


async def _pull(items: AsyncGenerator[T, None], turn: asyncio.Lock) -> T | object:
    async with turn:
        return await anext(items, _END)


async def _shut(items: AsyncGenerator[T, None], turn: asyncio.Lock) -> None:
    async with turn:
        await items.aclose()
