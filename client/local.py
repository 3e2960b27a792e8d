"""A private server: a process that runs as long as a `with` block, on a socket that no other user can reach.

The process runs in its own session, so that Ctrl-C in the terminal reaches only its parent, which then stops it. Its
standard input is a pipe, and it stops when the other end is closed, however this process ends.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from edgeocr.client.sync import Client

SERVER_COMMAND = (sys.executable, "-m", "edgeocr.server")
"""Starts a server from the same installation."""

SETTINGS_PREFIX = "EDGEOCR_"
"""Prefix of the server's environment variables."""
_ARGUMENTS = ("--metrics", "off", "--access-log", "off", "--log-level", "warning", "--end-with-input")
_LOG_BYTES = 1 << 16
_POLL_SECONDS = 0.05
_LAST_LINES = 20


class LocalServerError(Exception):
    """The server process ended or was not ready in time; the text includes the last lines of its stderr."""


class LocalServer:
    """A server process; `target` is its address, `pid` its process id.

    `arguments` are added to its command line. Leaving the block sends SIGTERM, waits up to `grace_seconds` for the
    server to drain, and then sends SIGKILL.
    """

    def __init__(
        self,
        arguments: Sequence[str] = (),
        *,
        command: Sequence[str] = SERVER_COMMAND,
        startup_seconds: float = 60.0,
        grace_seconds: float = 15.0,
    ) -> None:
        """Takes the settings; nothing is started yet."""
        self._arguments = [*command, *_ARGUMENTS, *arguments]
        self._startup_seconds = startup_seconds
        self._grace_seconds = grace_seconds
        self.target = ""
        self.pid = 0

    def __enter__(self) -> Self:
        """Starts the process and waits until it is ready; raises LocalServerError on failure."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgeocr-")))
            log = stack.enter_context(tempfile.TemporaryFile())
            socket = folder / "edgeocr.sock"
            self.target = f"unix:{socket}"
            process = subprocess.Popen(
                [*self._arguments, "--listen", self.target],
                env={name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_PREFIX)},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            stack.callback(self._stop, process)
            self.pid = process.pid
            self._wait_until_serving(process, socket, log.fileno())
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the process and removes its temporary files."""
        self._running.close()

    def _wait_until_serving(self, process: "subprocess.Popen[bytes]", socket: Path, log: int) -> None:
        end = time.monotonic() + self._startup_seconds
        with Client(self.target, timeout_seconds=self._startup_seconds) as client:
            # A connection attempt before the socket exists would only start gRPC's backoff.
            while not (socket.exists() and client.is_serving()):
                if process.poll() is not None:
                    raise LocalServerError(f"the server ended ({process.returncode}){_last_lines(log)}")
                if time.monotonic() > end:
                    raise LocalServerError(f"the server was not ready in {self._startup_seconds:g} s{_last_lines(log)}")
                time.sleep(_POLL_SECONDS)

    def _stop(self, process: "subprocess.Popen[bytes]") -> None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(self._grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            assert process.stdin is not None, "it is a pipe"
            process.stdin.close()


def _last_lines(log: int) -> str:
    # The process shares the file's offset, so this reads without moving it.
    written = os.pread(log, _LOG_BYTES, max(0, os.fstat(log).st_size - _LOG_BYTES))
    lines = written.decode(errors="replace").splitlines()[-_LAST_LINES:]
    return ":\n" + "\n".join(lines) if lines else ""
