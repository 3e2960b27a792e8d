"""The process's connections and listeners, as the kernel reports them."""

import errno
import os
import resource
import socket
import struct
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

Endpoint: TypeAlias = tuple[str, int]
"""Address and port."""

_DESCRIPTORS = Path("/proc/self/fd")
_UNIX = "unix:"
_MOST_CONNECTIONS = 512
_OTHER_DESCRIPTORS = 128
"""File descriptors reserved for files, decoders, metrics and the event loop."""
_TCP_INFO_BYTES, _BYTES_RECEIVED = 136, 128
"""Size read of the kernel's `struct tcp_info` (linux/tcp.h, since 4.1), and the offset of the received bytes."""
_NOTHING_LEFT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener(socket.socket):
    """A listening socket for an event loop.

    Without file descriptors, asyncio calls accept() as often as the backlog is long, logs each failure, and pauses for
    a second. With this socket it calls once.
    """

    _is_resting = False

    def accept(self) -> tuple[socket.socket, Any]:
        """See accept(2); after a lack of descriptors, the next call reports that there is no connection."""
        if self._is_resting:
            self._is_resting = False
            raise BlockingIOError
        try:
            return super().accept()
        except OSError as error:
            self._is_resting = error.errno in _NOTHING_LEFT
            raise


def listen(host: str, port: int) -> Listener:
    """Listens on an address; raises OSError if it is in use or not this machine's."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return Listener(fileno=socket.create_server((host, port), family=family).detach())


def why_not_listen(address: str) -> str:
    """Why gRPC could not listen on an address HOST:PORT or unix:PATH, found by trying, since gRPC does not report
    it."""
    try:
        if address.startswith(_UNIX):
            with socket.socket(socket.AF_UNIX) as tried:
                tried.bind(path := address.removeprefix(_UNIX).removeprefix("//"))
                os.unlink(path)
        else:
            host, _, port = address.rpartition(":")
            listen(host.strip("[]"), int(port)).close()
    except OSError as error:
        return error.strerror or str(error)
    return "it was in use a moment ago"


def most_connections(asked: int, listeners: int, files: int = 0) -> int:
    """The maximum number of connections per listener: as requested (0: the default), within the free file
    descriptors."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    left = max(1, (limit - _OTHER_DESCRIPTORS - files) // listeners)
    return min(asked or _MOST_CONNECTIONS, left)


def descriptors() -> int:
    """The number of open file descriptors, an upper bound of the number of connections."""
    return len(os.listdir(_DESCRIPTORS))


class ReceivedBytes:
    """Received bytes of this process's connections, by peer."""

    def __init__(self) -> None:
        self._descriptors: dict[Endpoint, int] = {}

    def of(self, peers: Collection[Endpoint]) -> dict[Endpoint, int]:
        """All bytes received on each known connection; takes microseconds per connection."""
        known = ((peer, self._descriptors.get(peer)) for peer in peers)
        counts = {peer: _received(descriptor, peer) for peer, descriptor in known if descriptor is not None}
        return {peer: count for peer, count in counts.items() if count is not None}

    def find(self) -> None:
        """Finds the current connections; takes milliseconds for hundreds of them."""
        # Without a free file descriptor, connections cannot be inspected.
        with suppress(OSError):
            self._descriptors = {peer: descriptor for descriptor, _, peer in _connections()}


def _received(descriptor: int, peer: Endpoint) -> int | None:
    """The bytes received from a peer; None if the descriptor no longer belongs to this connection."""
    try:
        # Given family and type, Python does not query the socket, whose owner may close it meanwhile.
        connection = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, fileno=descriptor)
    except OSError:
        return None
    try:
        if _peer(connection) != peer:
            return None
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
    except OSError:
        return None
    finally:
        connection.detach()
    return int(struct.unpack_from("=Q", info, _BYTES_RECEIVED)[0]) if len(info) == _TCP_INFO_BYTES else 0


def callers_of(port: int) -> list[Endpoint]:
    """The peers of connections to a port of this process."""
    return [peer for _, connection, peer in _connections() if connection.getsockname()[1] == port]


def shut_down(peers: Collection[Endpoint]) -> int:
    """Shuts down the connections from some peers, regardless of their owner in this process; returns their number."""
    ended = 0
    for _, connection, peer in _connections():
        if peer in peers:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
                ended += 1
    return ended


def _connections() -> Iterator[tuple[int, socket.socket, Endpoint]]:
    """The TCP connections by file descriptor, each as a duplicate that is closed after use."""
    for descriptor in os.listdir(_DESCRIPTORS):
        with suppress(OSError), _duplicate(int(descriptor)) as connection:
            if connection.family in (socket.AF_INET, socket.AF_INET6):
                yield int(descriptor), connection, _peer(connection)


def _peer(connection: socket.socket) -> Endpoint:
    host, port, *_ = connection.getpeername()
    return host.removeprefix("::ffff:"), port


def _duplicate(descriptor: int) -> socket.socket:
    """A duplicate of a socket's descriptor; raises OSError if it is not a socket."""
    duplicate = os.dup(descriptor)
    try:
        return socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise
