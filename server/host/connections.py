"""The process's own connections and listeners, as the kernel knows them."""

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
"""An address and a port."""

_DESCRIPTORS = Path("/proc/self/fd")
_UNIX = "unix:"
_MOST_CONNECTIONS = 512
_OTHER_DESCRIPTORS = 128
"""What is left for files, decoding, the metrics and the event loop."""
_TCP_INFO_BYTES, _BYTES_RECEIVED = 136, 128
"""Of the kernel's `struct tcp_info` (linux/tcp.h, since 4.1), as much as is read, and where the count is in it."""
_NOTHING_LEFT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener(socket.socket):
    """A socket that listens for an event loop.

    Without descriptors, asyncio rests for a second once it has asked as often as its backlog is long, and logs each
    time. Here it asks once.
    """

    _is_resting = False

    def accept(self) -> tuple[socket.socket, Any]:
        """See socket.accept(3); after a lack of descriptors there is nobody the next time."""
        if self._is_resting:
            self._is_resting = False
            raise BlockingIOError
        try:
            return super().accept()
        except OSError as error:
            self._is_resting = error.errno in _NOTHING_LEFT
            raise


def listen(host: str, port: int) -> Listener:
    """Listens at an address; raises OSError if it is taken or not this machine's."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return Listener(fileno=socket.create_server((host, port), family=family).detach())


def why_not_listen(address: str) -> str:
    """Why an address HOST:PORT or unix:PATH, which could not be listened on, cannot be; tried with a socket of its own,
    since gRPC does not say."""
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
    return "somebody else had it a moment ago"


def most_connections(asked: int, listeners: int, files: int = 0) -> int:
    """How many connections each of so many listeners may have: as asked for (0: the default), and no more than the
    limit of file descriptors leaves beside so many files."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    left = max(1, (limit - _OTHER_DESCRIPTORS - files) // listeners)
    return min(asked or _MOST_CONNECTIONS, left)


def descriptors() -> int:
    """How many file descriptors are open, which is more than there are connections."""
    return len(os.listdir(_DESCRIPTORS))


class ReceivedBytes:
    """How much has come over connections of this process, by from where they are."""

    def __init__(self) -> None:
        self._descriptors: dict[Endpoint, int] = {}

    def of(self, peers: Collection[Endpoint]) -> dict[Endpoint, int]:
        """For each that was found, all bytes since it was made; takes microseconds a connection."""
        known = ((peer, self._descriptors.get(peer)) for peer in peers)
        counts = {peer: _received(descriptor, peer) for peer, descriptor in known if descriptor is not None}
        return {peer: count for peer, count in counts.items() if count is not None}

    def find(self) -> None:
        """Finds those that there are now; takes milliseconds where there are hundreds."""
        # Without a descriptor left there is nothing to look with.
        with suppress(OSError):
            self._descriptors = {peer: descriptor for descriptor, _, peer in _connections()}


def _received(descriptor: int, peer: Endpoint) -> int | None:
    """The bytes of the connection from there; None if the descriptor is of another one, or of none."""
    try:
        # With its family and type it is not asked for them. Its owner may close it meanwhile.
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
    """From where the connections to a port of this process are."""
    return [peer for _, connection, peer in _connections() if connection.getsockname()[1] == port]


def shut_down(peers: Collection[Endpoint]) -> int:
    """Ends the connections from some addresses and ports, of all owners in this process; returns their number."""
    ended = 0
    for _, connection, peer in _connections():
        if peer in peers:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
                ended += 1
    return ended


def _connections() -> Iterator[tuple[int, socket.socket, Endpoint]]:
    """The connections over TCP, by their descriptors, each as another one of it for as long as it is looked at."""
    for descriptor in os.listdir(_DESCRIPTORS):
        with suppress(OSError), _duplicate(int(descriptor)) as connection:
            if connection.family in (socket.AF_INET, socket.AF_INET6):
                yield int(descriptor), connection, _peer(connection)


def _peer(connection: socket.socket) -> Endpoint:
    host, port, *_ = connection.getpeername()
    return host.removeprefix("::ffff:"), port


def _duplicate(descriptor: int) -> socket.socket:
    """Another descriptor of the same socket; raises OSError for what is none."""
    duplicate = os.dup(descriptor)
    try:
        return socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise
