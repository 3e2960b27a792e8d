"""The watch over what nobody but a restart can cure: it turns the server's health, so that somebody restarts it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

Check = Callable[[], str]
"""What is wrong; empty while nothing is."""

_LOOKS = 10
"""How often to look in the time after which a worker counts as stuck."""

_PATIENCE = 2.0
"""A worker that is at one image for so many times as long as makes it stuck will not come back."""

_log = logging.getLogger(__name__)


class Watchdog:
    """Runs its checks, and reports when something begins to be wrong, and when it ends."""

    def __init__(self, stuck_seconds: float, set_serving: Callable[[bool], Awaitable[None]], *checks: Check) -> None:
        """Takes what decides how often to look, what reports it, and the checks."""
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


def stuck_worker(longest_seconds: Callable[[], float], describe: Callable[[], str], stuck_seconds: float) -> Check:
    """Whether the worker that is busy longest has been at its work for too long, and at what."""

    def check() -> str:
        if (longest := longest_seconds()) < stuck_seconds:
            return ""
        return f"a worker has been at {describe()} for {longest:.0f} s (stuck_seconds)"

    return check


class LastResort:
    """Ends the server once a worker will not come back: native code that hangs cannot be stopped otherwise.

    Attributes:
        fault: why the server has to end; empty while it need not.
    """

    def __init__(
        self,
        stuck_seconds: float,
        longest_seconds: Callable[[], float],
        describe: Callable[[], str],
        end: Callable[[], None],
    ) -> None:
        """Takes when a worker is stuck, how long one has been at its work, at what, and what has the server end."""
        self._stuck_seconds = stuck_seconds
        self._longest_seconds = longest_seconds
        self._describe = describe
        self._end = end
        self.fault = ""

    async def look(self) -> None:
        """Waits a moment, and looks once."""
        await asyncio.sleep(self._stuck_seconds / _LOOKS)
        longest = self._longest_seconds()
        if longest < _PATIENCE * self._stuck_seconds or self.fault:
            return
        self.fault = (
            f"a worker has been at {self._describe()} for {longest:.0f} s, and will not come back (stuck_seconds)"
        )
        _log.critical("%s: the others are finished, then the server ends", self.fault)
        self._end()
