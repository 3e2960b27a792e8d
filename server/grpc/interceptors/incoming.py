"""What has come over each connection and is of no whole message yet, by the kernel's count of what came at all."""

import math
from collections import Counter
from collections.abc import Iterable

from edgeocr.server.host.connections import Endpoint, ReceivedBytes

_FRAME_BYTES, _FRAME_HEAD_BYTES = 16384, 9
"""Of what a message comes in (RFC 9113)."""
_AROUND_BYTES = 128
"""Beside a message, in headers and what is said about windows; less would add up to messages that nobody sent."""
_MOST_BEFORE_FOUND = 1024
"""Connections whose messages are remembered until they are looked for."""


class Incoming:
    """For the connections that messages are awaited from, each of which may have several on their way."""

    def __init__(self, received: ReceivedBytes) -> None:
        """Takes the kernel's count."""
        self._received = received
        self._awaited: Counter[Endpoint] = Counter()
        self._of_messages: dict[Endpoint, int] = {}
        self._partial: dict[Endpoint, int] = {}
        self._before_found: dict[Endpoint, int] = {}

    def begin(self, peer: Endpoint) -> None:
        """A message is awaited; where it is the only one, all that came before was of others."""
        if not peer[0]:
            return
        self._awaited[peer] += 1
        if self._awaited[peer] == 1:
            before = self._before_found.pop(peer, 0)
            self._of_messages[peer] = self._received.of([peer]).get(peer, before)

    def end(self, peer: Endpoint, size_bytes: int | None) -> None:
        """It came, with so many bytes, or does not come any more: as much of it as of any other there is let go of."""
        if not peer[0]:
            return
        partial, awaited = self.of_each(peer), self._awaited
        came = partial if size_bytes is None else _on_wire(size_bytes)
        self._of_messages[peer] += round(came)
        self._partial[peer] = max(0, self._partial.get(peer, 0) - round(came))
        awaited[peer] -= 1
        if not awaited[peer]:
            del awaited[peer]
            self._partial.pop(peer, None)
            # Its next message follows those that were whole before anybody looked for the connection.
            self._before_found[peer] = self._of_messages.pop(peer)
            if len(self._before_found) > _MOST_BEFORE_FOUND:
                del self._before_found[next(iter(self._before_found))]

    def look(self) -> None:
        """Reads the kernel's count again."""
        counts = self._received.of(self._awaited)
        if len(counts) < len(self._awaited):
            self._received.find()
            self._before_found.clear()
            counts = self._received.of(self._awaited)
        for peer, received in counts.items():
            # What was taken for a message's, and is not, would hide as much of the next.
            self._of_messages[peer] = min(self._of_messages[peer], received)
            self._partial[peer] = received - self._of_messages[peer]

    def of_each(self, peer: Endpoint) -> float:
        """What each message that a connection has on its way has on the average."""
        return self._partial.get(peer, 0) / max(1, self._awaited[peer])

    def newest(self, peers: Iterable[Endpoint]) -> Endpoint | None:
        """Of those over which something came, the one that messages are awaited from since the latest."""
        chosen = set(peers)
        return next((peer for peer in reversed(self._of_messages) if peer in chosen and self._partial.get(peer)), None)

    @property
    def total_bytes(self) -> int:
        """Of all connections, when it was last counted."""
        return sum(self._partial.values())


def _on_wire(size_bytes: int) -> int:
    return size_bytes + math.ceil(size_bytes / _FRAME_BYTES) * _FRAME_HEAD_BYTES + _AROUND_BYTES
