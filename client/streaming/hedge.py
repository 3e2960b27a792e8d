"""A second call for an image whose first takes too long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def hedged(ask: Callable[[], Awaitable[T]], delay_seconds: float) -> T:
    """Calls, and calls once more if there is no answer after the delay; returns the first answer and cancels the other.

    A failure before that is raised at once, afterwards only when both have failed; it is the first one's then.
    """
    asking = [asyncio.ensure_future(ask())]
    try:
        await asyncio.wait(asking, timeout=delay_seconds)
        if not asking[0].done():
            asking.append(asyncio.ensure_future(ask()))
        waiting = set(asking)
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for one in done:
                if one.exception() is None:
                    return one.result()
        return asking[0].result()
    finally:
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
