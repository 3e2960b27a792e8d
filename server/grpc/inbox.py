"""The bridge from worker threads to the event loop: one inbox takes the events of many jobs."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from edgeocr.model.results import LineRead
from edgeocr.server.jobs import Finished

Key = TypeVar("Key")


class Inbox(Generic[Key]):
    """A queue of (key, event) pairs; it is bounded by what its owner admits."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[tuple[Key, LineRead | Finished]] = asyncio.Queue()

    def deliver(self, key: Key) -> Callable[[LineRead | Finished], None]:
        """A function that puts an event under a key from any thread."""

        def put(event: LineRead | Finished) -> None:
            self._loop.call_soon_threadsafe(self._events.put_nowait, (key, event))

        return put

    def put(self, key: Key, event: LineRead | Finished) -> None:
        """Puts an event from the loop's own thread."""
        self._events.put_nowait((key, event))

    async def get(self) -> tuple[Key, LineRead | Finished]:
        """The oldest pair, once there is one."""
        return await self._events.get()
