"""The unix socket to listen on: never taken from a live server, and with the configured permissions from the start."""

import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgeocr.server.errors import StartError

PREFIX = "unix:"


@contextmanager
def room_for(address: str, mode: int) -> Iterator[None]:
    """Removes a stale socket at a `unix:` address, and sets the umask for the socket that the block creates.

    The umask applies to all files that the process creates meanwhile. Nothing is done for other addresses.

    Raises:
        StartError: another server listens there, or the path is not a socket.
    """
    if not address.startswith(PREFIX):
        yield
        return
    # gRPC accepts unix:PATH and, for absolute paths, unix://PATH.
    _clear(Path(address.removeprefix(PREFIX).removeprefix("//")))
    before = os.umask(0o777 & ~mode)
    try:
        yield
    finally:
        os.umask(before)


def _clear(path: Path) -> None:
    """Removes a stale socket; gRPC would also remove that of a live server."""
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise StartError(f"listen: {path} exists and is not a socket")
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
    except FileNotFoundError:
        return
    except ConnectionRefusedError:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise StartError(f"listen: cannot listen on {path}: {error.strerror}") from None
    else:
        raise StartError(f"listen: cannot listen on unix:{path}; another server listens there")
