"""The bridge from worker threads to the event loop."""

import asyncio
from collections import deque
from contextlib import suppress
from functools import lru_cache
from typing import Generic, TypeVar

from edgeocr.server.scheduling.events import Deliver, Event

Key = TypeVar("Key")


class _Alarm:
    """Wakes readers of one loop from worker threads.

    Waking the loop is the most expensive step of a delivery, so all that arrives meanwhile, for any reader, shares one
    wake-up.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._arrived: deque[asyncio.Event] = deque()
        self._is_set = False

    def wake(self, arrived: asyncio.Event) -> None:
        """Sets a reader's event, in the loop's thread; may be called in any thread."""
        self._arrived.append(arrived)
        # Two threads may both find it false, and wake twice; neither can find it true without a wake to come, since
        # `_wake_all` turns it before it looks for events.
        if not self._is_set:
            self._is_set = True
            # A worker that outlives the drain finds the loop closed.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake_all)

    def _wake_all(self) -> None:
        self._is_set = False
        while self._arrived:
            self._arrived.popleft().set()


@lru_cache(maxsize=1)
def _alarm_of(loop: asyncio.AbstractEventLoop) -> _Alarm:
    """The loop's alarm; a server has one loop, and more would only share fewer wake-ups."""
    return _Alarm(loop)


class ResultQueue(Generic[Key]):
    """A queue of (key, event) pairs of many jobs, bounded by what its owner admits. None only wakes the reader."""

    def __init__(self) -> None:
        self._alarm = _alarm_of(asyncio.get_running_loop())
        self._events: deque[tuple[Key, Event] | None] = deque()
        self._arrived = asyncio.Event()

    def deliver(self, key: Key) -> Deliver:
        """Makes a thread-safe function that puts events under a key."""

        def put(*events: Event) -> None:
            self._events.extend([(key, event) for event in events])
            self._alarm.wake(self._arrived)

        return put

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
