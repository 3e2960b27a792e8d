"""The watch over what nobody but a restart can cure: it turns the server's health, so that somebody restarts it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

Check = Callable[[], str]
"""What is wrong; empty while nothing is."""

_LOOKS = 10
"""How often to look in the time after which a worker counts as stuck."""

_log = logging.getLogger(__name__)


class Watchdog:
    """Asks its checks, and tells the world when something begins to be wrong, and when nothing is any more."""

    def __init__(self, stuck_seconds: float, set_serving: Callable[[bool], Awaitable[None]], *checks: Check) -> None:
        """Takes what decides how often to look, what tells the world, and the checks."""
        self._look_seconds = stuck_seconds / _LOOKS
        self._set_serving = set_serving
        self._checks = checks
        self._serving = True

    async def look(self) -> None:
        """Waits a moment, and looks once."""
        await asyncio.sleep(self._look_seconds)
        complaints = [complaint for check in self._checks if (complaint := check())]
        if self._serving == (not complaints):
            return
        await self._set_serving(not complaints)
        self._serving = not complaints
        if self._serving:
            _log.warning("nothing is wrong any more: serving again")
        else:
            _log.error("%s: not serving", "; ".join(complaints))


def stuck_worker(longest_seconds: Callable[[], float], stuck_seconds: float) -> Check:
    """Whether the worker that is busy longest has been at its work for too long."""

    def check() -> str:
        longest = longest_seconds()
        return f"a worker has been at one image for {longest:.0f} s (stuck_seconds)" if longest >= stuck_seconds else ""

    return check
