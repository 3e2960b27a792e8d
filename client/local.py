"""A private server: a process that lives as long as a `with` block and listens on a socket nobody else can reach.

The process gets a session of its own, so that Ctrl-C in the terminal reaches its parent only, which then stops it.
"""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from edgeocr.client.sync import Client

SERVER_COMMAND = (sys.executable, "-m", "edgeocr.server")
"""What starts a server of the same installation."""

# Settings of the environment are meant for another server: this one's door is its socket.
_OFF = [
    word
    for name in ("metrics", "tls-certificate", "tls-key", "tls-client-ca", "tokens", "otlp-endpoint")
    for word in (f"--{name}", "off")
]
_POLL_SECONDS = 0.05
_LAST_LINES = 20


class LocalServerError(Exception):
    """The server process ended, or was not ready in time; the text has the last lines that it wrote to stderr."""


class LocalServer:
    """A server process; `target` is its address, `pid` its process id.

    `arguments` are added to its command line. Leaving the block sends SIGTERM, waits up to `grace_seconds` for the
    server to drain, and then kills it.
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
        self._arguments = [*command, *_OFF, "--log-level", "warning", *arguments]
        self._startup_seconds = startup_seconds
        self._grace_seconds = grace_seconds
        self.target = ""
        self.pid = 0

    def __enter__(self) -> Self:
        """Starts the process and waits until it serves; raises LocalServerError if it does not come to that."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edgeocr-")))
            socket, log = folder / "edgeocr.sock", folder / "stderr"
            self.target = f"unix:{socket}"
            with log.open("wb") as stderr:
                process = subprocess.Popen(
                    [*self._arguments, "--listen", self.target],
                    stdin=subprocess.DEVNULL,
                    stdout=stderr,
                    stderr=stderr,
                    start_new_session=True,
                )
            stack.callback(self._stop, process)
            self.pid = process.pid
            self._wait_until_serving(process, socket, log)
            self._running = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the process and removes its files."""
        self._running.close()

    def _wait_until_serving(self, process: "subprocess.Popen[bytes]", socket: Path, log: Path) -> None:
        end = time.monotonic() + self._startup_seconds
        with Client(self.target, timeout_seconds=self._startup_seconds) as client:
            # Connecting before there is a socket would only make gRPC wait before its next try.
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


def _last_lines(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
    return ":\n" + "\n".join(lines) if lines else ""
