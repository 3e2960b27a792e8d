"""Hedging: a second call for an image whose first call takes long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def hedged(ask: Callable[[], Awaitable[T]], delay_seconds: float) -> T:
    """Calls, and calls a second time if there is no answer after the delay; returns the first answer and cancels the
    other call.

    An error before the delay is raised at once, after it only if both calls fail; then the first call's error is
    raised.
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
