"""Estimates the bytes of incomplete messages on each connection from the kernel's count of received bytes."""

import math
from collections import Counter
from collections.abc import Iterable

from edgeocr.server.host.connections import Endpoint, ReceivedBytes

_FRAME_BYTES, _FRAME_HEAD_BYTES = 16384, 9
"""Size of a frame's header (RFC 9113)."""
_AROUND_BYTES = 128
"""Bytes besides messages, in headers and window updates; ignoring them would add up to messages that no one sent."""
_MOST_BEFORE_FOUND = 1024
"""Maximum number of connections whose messages are remembered until the next look."""


class Incoming:
    """Tracks the connections that messages are awaited from, possibly several on one connection."""

    def __init__(self, received: ReceivedBytes) -> None:
        """Takes the kernel's count of received bytes."""
        self._received = received
        self._awaited: Counter[Endpoint] = Counter()
        self._of_messages: dict[Endpoint, int] = {}
        self._partial: dict[Endpoint, int] = {}
        self._before_found: dict[Endpoint, int] = {}
        self._counted: set[Endpoint] = set()
        self._has_searched = False

    def begin(self, peer: Endpoint) -> None:
        """Records an awaited message; if it is the only one, bytes received before belong to earlier messages."""
        if not peer[0]:
            return
        self._awaited[peer] += 1
        if self._awaited[peer] == 1:
            before = self._before_found.pop(peer, 0)
            # Once between two looks: the kernel's count takes longer than all else here.
            if peer not in self._counted:
                self._counted.add(peer)
                before = self._received.of([peer]).get(peer, before)
            self._of_messages[peer] = before

    def end(self, peer: Endpoint, size_bytes: int | None) -> None:
        """Records that a message of this size arrived, or will not arrive; an average share of the incomplete bytes is
        released then."""
        if not peer[0]:
            return
        partial, awaited = self.of_each(peer), self._awaited
        came = partial if size_bytes is None else _on_wire(size_bytes)
        if size_bytes is None:
            # More of it may have come since the last look.
            self._counted.discard(peer)
        self._of_messages[peer] += round(came)
        self._partial[peer] = max(0, self._partial.get(peer, 0) - round(came))
        awaited[peer] -= 1
        if not awaited[peer]:
            del awaited[peer]
            self._partial.pop(peer, None)
            # Its next message follows messages that were complete before the connection was first looked at.
            self._before_found[peer] = self._of_messages.pop(peer)
            if len(self._before_found) > _MOST_BEFORE_FOUND:
                forgotten = next(iter(self._before_found))
                del self._before_found[forgotten]
                self._counted.discard(forgotten)

    def recount(self, peer: Endpoint) -> None:
        """Has the kernel asked before the next message, since one that is not read may have come."""
        self._counted.discard(peer)
        # Unless it is found by then, all that came would seem to be of the next message.
        if not self._has_searched and peer[0] and not self._received.of([peer]):
            self._has_searched = True
            self._received.find()

    def look(self) -> None:
        """Updates the kernel's count."""
        self._counted.clear()
        self._has_searched = False
        counts = self._received.of(self._awaited)
        if len(counts) < len(self._awaited):
            self._received.find()
            self._before_found.clear()
            counts = self._received.of(self._awaited)
        for peer, received in counts.items():
            # Bytes wrongly counted for a message would hide as many of the next.
            self._of_messages[peer] = min(self._of_messages[peer], received)
            self._partial[peer] = received - self._of_messages[peer]

    def of_each(self, peer: Endpoint) -> float:
        """Average bytes of the incomplete messages on each connection."""
        return self._partial.get(peer, 0) / max(1, self._awaited[peer])

    def newest(self, peers: Iterable[Endpoint]) -> Endpoint | None:
        """The active connection that messages have been awaited from for the shortest time."""
        chosen = set(peers)
        return next((peer for peer in reversed(self._of_messages) if peer in chosen and self._partial.get(peer)), None)

    @property
    def total_bytes(self) -> int:
        """Bytes on all connections at the last count."""
        return sum(self._partial.values())


def _on_wire(size_bytes: int) -> int:
    return size_bytes + math.ceil(size_bytes / _FRAME_BYTES) * _FRAME_HEAD_BYTES + _AROUND_BYTES
