"""The watch over the workers: one that is stuck turns the server's health, so that somebody restarts it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)
_LOOKS = 10
"""How often to look in the time after which a worker counts as stuck."""


async def watch_workers(
    longest_seconds: Callable[[], float], stuck_seconds: float, set_serving: Callable[[bool], Awaitable[None]]
) -> None:
    """Looks until it is cancelled.

    Args:
        longest_seconds: how long the worker that is busy longest has been at its work.
        stuck_seconds: when that is too long.
        set_serving: tells the world.
    """
    serving = True
    while True:
        await asyncio.sleep(stuck_seconds / _LOOKS)
        longest = longest_seconds()
        if serving == (longest >= stuck_seconds):
            serving = not serving
            if serving:
                _log.warning("the worker that was stuck goes on: serving again")
            else:
                _log.error("a worker has been at one image for %.0f s (stuck_seconds): not serving", longest)
            await set_serving(serving)
