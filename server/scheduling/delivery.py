"""The bridge from worker threads to the event loop."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from edgeocr.server.scheduling.events import Deliver, Event

Key = TypeVar("Key")


def _call_in(loop: asyncio.AbstractEventLoop, function: Callable[..., object], *arguments: object) -> None:
    # A worker that outlives the drain finds the loop closed, and nobody waiting.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function, *arguments)


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

    def clear(self) -> None:
        """Forgets what is there and not yet taken."""
        self._events.clear()

    async def get(self) -> tuple[Key, Event] | None:
        """What came first, once there is something."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()
