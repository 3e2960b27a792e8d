"""Connections of one caller: gRPC bounds how many there are, but not how many of them one address has.

What an address has beyond half is ended soon after it came, the latest first. A trusted proxy may have all of them,
and over a unix socket there are no addresses.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress

from edgeocr.server.access.callers import Callers
from edgeocr.server.host.connections import Endpoint, callers_of, descriptors, shut_down

LOOK_SECONDS = 0.25
_REST = 50
"""For so many times as long as a look took: each connection takes some microseconds of it."""


class ConnectionShares:
    """Looks after the connections of a port."""

    def __init__(self, callers: Callers, port: int, most_connections: int) -> None:
        """Takes how many connections there may be, of which one caller may have half."""
        self._callers = callers
        self._port = port
        self._most_of_caller = max(1, most_connections // 2)
        self._known: dict[Endpoint, None] = {}

    async def look_and_rest(self) -> None:
        """Looks once, and rests until it is time to look again."""
        begun = time.monotonic()
        self.look()
        await asyncio.sleep(max(LOOK_SECONDS, _REST * (time.monotonic() - begun)))

    def look(self) -> None:
        """Ends what callers have beyond their share."""
        # Without a descriptor left there is nothing to look with.
        with suppress(OSError):
            self._look()

    def _look(self) -> None:
        if descriptors() <= self._most_of_caller:
            self._known.clear()
            return
        there = dict.fromkeys(callers_of(self._port))
        # In the order in which they were first seen.
        self._known = {peer: None for peer in (*self._known, *there) if peer in there}
        of_callers: defaultdict[str, list[Endpoint]] = defaultdict(list)
        for address, port in self._known:
            if not self._callers.is_trusted(address):
                of_callers[self._callers.of(address, ())].append((address, port))
        if beyond := {peer for peers in of_callers.values() for peer in peers[self._most_of_caller :]}:
            shut_down(beyond)
