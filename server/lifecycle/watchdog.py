"""The watchdog for conditions that only a restart can cure: it sets health to NOT_SERVING, so that the server is
restarted."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

Check = Callable[[], str]
"""Describes a problem; empty if there is none."""

_LOOKS = 10
"""Number of checks within the time after which a worker counts as stuck."""

_PATIENCE = 2.0
"""A worker that takes this multiple of that time for an image is considered lost."""

_log = logging.getLogger(__name__)


class Watchdog:
    """Runs checks, and reports changes of their outcome."""

    def __init__(self, stuck_seconds: float, set_serving: Callable[[bool], Awaitable[None]], *checks: Check) -> None:
        """Takes the time after which a worker is stuck, a callback for health, and the checks."""
        self._look_seconds = stuck_seconds / _LOOKS
        self._set_serving = set_serving
        self._checks = checks
        self._serving = True

    async def look(self) -> None:
        """Waits for the interval, and checks once."""
        await asyncio.sleep(self._look_seconds)
        complaints = [complaint for check in self._checks if (complaint := check())]
        if self._serving == (not complaints):
            return
        await self._set_serving(not complaints)
        self._serving = not complaints
        if self._serving:
            _log.warning("all problems have ended: serving again")
        else:
            _log.error("%s: not serving", "; ".join(complaints))


def stuck_worker(longest_seconds: Callable[[], float], describe: Callable[[], str], stuck_seconds: float) -> Check:
    """A check that describes the longest-running work if it exceeds the time limit."""

    def check() -> str:
        if (longest := longest_seconds()) < stuck_seconds:
            return ""
        return f"a worker has been working on {describe()} for {longest:.0f} s (stuck_seconds)"

    return check


class LastResort:
    """Ends the server if a worker is lost: hanging native code cannot be stopped otherwise.

    Attributes:
        fault: why the server must end; empty otherwise.
    """

    def __init__(
        self,
        stuck_seconds: float,
        longest_seconds: Callable[[], float],
        describe: Callable[[], str],
        end: Callable[[], None],
    ) -> None:
        """Takes the time after which a worker is stuck, functions for the duration and description of the
        longest-running work, and one that ends the server."""
        self._stuck_seconds = stuck_seconds
        self._longest_seconds = longest_seconds
        self._describe = describe
        self._end = end
        self.fault = ""

    async def look(self) -> None:
        """Waits for the interval, and checks once."""
        await asyncio.sleep(self._stuck_seconds / _LOOKS)
        longest = self._longest_seconds()
        if longest < _PATIENCE * self._stuck_seconds or self.fault:
            return
        self.fault = (
            f"a worker has been working on {self._describe()} for {longest:.0f} s and counts as lost (stuck_seconds)"
        )
        _log.critical("%s: the server finishes other work and ends", self.fault)
        self._end()
