"""The unix socket to listen on: taken from nobody, and open to those alone whom its permissions name."""

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
    """Makes room for the socket that the block makes at a `unix:` address, and gives it its permissions from the start.

    These hold for whatever the process makes meanwhile, in any thread. Other addresses need nothing.

    Raises:
        StartError: a server listens there, or something else than a socket is there.
    """
    if not address.startswith(PREFIX):
        yield
        return
    # gRPC takes unix:PATH and, where it is absolute, unix://PATH.
    _clear(Path(address.removeprefix(PREFIX).removeprefix("//")))
    before = os.umask(0o777 & ~mode)
    try:
        yield
    finally:
        os.umask(before)


def _clear(path: Path) -> None:
    """Removes a socket that nobody listens on. gRPC would remove one as well whose server is alive."""
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
        raise StartError(f"listen: cannot listen on unix:{path}; another server does")
