"""The process's own connections, as the kernel knows them."""

import os
import resource
import socket
from contextlib import suppress
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")
_MOST_CONNECTIONS = 512
_OTHER_DESCRIPTORS = 128
"""What is left for files, decoding, the metrics and the event loop."""


def most_connections(asked: int, listeners: int, files: int = 0) -> int:
    """How many connections each of so many listeners may have: as asked for (0: the default), and no more than the
    limit of file descriptors leaves beside so many files."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    left = max(1, (limit - _OTHER_DESCRIPTORS - files) // listeners)
    return min(asked or _MOST_CONNECTIONS, left)


def shut_down(address: str, port: int) -> bool:
    """Ends the connection from an address and port, whoever in this process has it; False if there is none."""
    found = False
    for descriptor in os.listdir(_DESCRIPTORS):
        with suppress(OSError), _duplicate(int(descriptor)) as connection:
            if connection.family not in (socket.AF_INET, socket.AF_INET6):
                continue
            host, its_port, *_ = connection.getpeername()
            if its_port == port and host.removeprefix("::ffff:") == address:
                connection.shutdown(socket.SHUT_RDWR)
                found = True
    return found


def _duplicate(descriptor: int) -> socket.socket:
    """Another descriptor of the same socket; raises OSError for what is none."""
    duplicate = os.dup(descriptor)
    try:
        return socket.socket(fileno=duplicate)
    except OSError:
        os.close(duplicate)
        raise
