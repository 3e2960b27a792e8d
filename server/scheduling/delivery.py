"""The bridge from worker threads to the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from edgeocr.server.scheduling.events import Deliver, Event

Key = TypeVar("Key")


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    # A worker that outlives the drain finds the loop closed.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


class ResultQueue(Generic[Key]):
    """A queue of (key, event) pairs of many jobs, bounded by what its owner admits. None only wakes the reader.

    Waking the loop from a worker is the most expensive step, so events that arrive meanwhile share one call.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: deque[tuple[Key, Event] | None] = deque()
        self._arrived = asyncio.Event()
        self._waking = False

    def deliver(self, key: Key) -> Deliver:
        """Makes a thread-safe function that puts events under a key."""

        def put(*events: Event) -> None:
            self._events.extend([(key, event) for event in events])
            # Two threads may both find it false, and wake twice; neither can find it true without a wake to come, since
            # `_wake` turns it before the reader looks for events.
            if not self._waking:
                self._waking = True
                _call_in(self._loop, self._wake)

        return put

    def _wake(self) -> None:
        self._waking = False
        self._arrived.set()

    def put(self, arrival: tuple[Key, Event] | None) -> None:
        """Puts a pair, or None; for the loop's thread only."""
        self._events.append(arrival)
        self._arrived.set()

    def clear(self) -> None:
        """Drops all events."""
        self._events.clear()

    async def get(self) -> tuple[Key, Event] | None:
        """Waits for the next event."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()
