"""Limits the connections of one address; gRPC limits only their total number.

Connections of an address beyond half of the limit are closed soon after they open, the latest first. Trusted proxies
are exempt, and so are unix sockets, which have no addresses.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress

from edgeocr.server.access.callers import Callers
from edgeocr.server.host.connections import Endpoint, callers_of, descriptors, shut_down

LOOK_SECONDS = 0.25
_REST = 50
"""Pause between checks, in multiples of a check's duration, which is some microseconds per connection."""


class ConnectionShares:
    """Enforces the limit on a port."""

    def __init__(self, callers: Callers, port: int, most_connections: int) -> None:
        """Takes the maximum number of connections, of which one caller may have half."""
        self._callers = callers
        self._port = port
        self._most_of_caller = max(1, most_connections // 2)
        self._known: dict[Endpoint, None] = {}

    async def look_and_rest(self) -> None:
        """Checks once, and sleeps until the next check."""
        begun = time.monotonic()
        self.look()
        await asyncio.sleep(max(LOOK_SECONDS, _REST * (time.monotonic() - begun)))

    def look(self) -> None:
        """Closes connections beyond their callers' shares."""
        # Without a free file descriptor, connections cannot be inspected.
        with suppress(OSError):
            self._look()

    def _look(self) -> None:
        if descriptors() <= self._most_of_caller:
            self._known.clear()
            return
        there = dict.fromkeys(callers_of(self._port))
        # In order of first sight.
        self._known = {peer: None for peer in (*self._known, *there) if peer in there}
        of_callers: defaultdict[str, list[Endpoint]] = defaultdict(list)
        for address, port in self._known:
            if not self._callers.is_trusted(address):
                of_callers[self._callers.of(address, ())].append((address, port))
        if beyond := {peer for peers in of_callers.values() for peer in peers[self._most_of_caller :]}:
            shut_down(beyond)
