"""The bridge from worker threads to the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Generic, TypeVar

from edgeocr.server.scheduling.events import Deliver, Event, Finished

Key = TypeVar("Key")


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    # A worker that outlives the drain finds the loop closed, and nobody waiting.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


class ResultFuture:
    """Takes one job's events and waits for the last."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._finished: asyncio.Future[Finished] = self._loop.create_future()

    def deliver(self, *events: Event) -> None:
        """Takes events, from any thread."""
        if events and isinstance(events[-1], Finished):
            _call_in(self._loop, self._finish, events[-1])

    def _finish(self, event: Finished) -> None:
        if not self._finished.done():
            self._finished.set_result(event)

    async def finished(self) -> Finished:
        """The job's last event, once it is there."""
        return await self._finished


class ResultQueue(Generic[Key]):
    """Takes many jobs' events as (key, event) pairs; what its owner admits bounds it. None only wakes its reader.

    Waking the loop from a worker costs more than all else here, so events that come while it wakes share one call.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: deque[tuple[Key, Event] | None] = deque()
        self._arrived = asyncio.Event()
        self._waking = False

    def deliver(self, key: Key) -> Deliver:
        """A function that puts events under a key, from any thread."""

        def put(*events: Event) -> None:
            self._events.extend([(key, event) for event in events])
            # Two threads may both find it false, which only wakes twice; neither can find it true in vain, since
            # `_wake` turns it before the reader looks for events.
            if not self._waking:
                self._waking = True
                _call_in(self._loop, self._wake)

        return put

    def _wake(self) -> None:
        self._waking = False
        self._arrived.set()

    def put(self, arrival: tuple[Key, Event] | None) -> None:
        """Puts a pair, or None, from the loop's own thread."""
        self._events.append(arrival)
        self._arrived.set()

    def waiting(self) -> Iterator[tuple[Key, Event]]:
        """What is there and not yet taken."""
        return (arrival for arrival in tuple(self._events) if arrival is not None)

    async def get(self) -> tuple[Key, Event] | None:
        """What came first, once there is something."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()
