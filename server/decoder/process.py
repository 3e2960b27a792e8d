"""A decoder process: it handles one request at a time, and can be killed at any time."""

import fcntl
import logging
import mmap
import os
import select
import socket
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.opening.decoder import Decoded, Patches, opened, shaped
from edgeocr.model.files.opening.requests import Request, pixel_bytes
from edgeocr.server.decoder.messages import LENGTH, MOST_BYTES, answer_from, packed, request_values

_log = logging.getLogger(__name__)
_START = (
    "import sys; sys.path[:] = {path!r}; "
    "from edgeocr.server.decoder.program import main; main({descriptor}, {most_bytes})"
)
_KEPT_VARIABLES = ("LD_LIBRARY_PATH", "LANG")
_CHUNK_BYTES = 1 << 16
_NICER, _MOST_NICENESS = 10, 19
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
"""Seals against shrinking: a compromised process could otherwise crash the reader of shared memory."""


class Ended(Exception):
    """The process ended before it answered; `signal_number` is the signal, 0 for none."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"signal {signal_number}")
        self.signal_number = signal_number


class DecoderProcess:
    """A decoder process; for one thread at a time, except `kill`."""

    def __init__(self, most_bytes: int) -> None:
        """Starts the process with a fixed memory limit."""
        ours, theirs = socket.socketpair()
        self.started = time.monotonic()
        with theirs:
            start = _START.format(path=_import_path(), descriptor=theirs.fileno(), most_bytes=most_bytes)
            # Without `site` it starts in half the time. It needs nothing from the environment.
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", "-c", start],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
                cwd="/",
            )
        ours.setblocking(False)
        self._socket = ours
        self._end = weakref.finalize(self, _end, self._process, ours)
        self._received = bytearray()
        self._greeted = False
        self._asked: Request | None = None
        self._pixels: mmap.mmap | None = None

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether it is known to have started."""
        return self._greeted

    def ask(self, request: Request, data: Contents, patches: Patches, memory_bytes: int, seconds: float) -> None:
        """Sends a request; its answer must be received before the next request.

        Raises:
            Ended: the process has ended.
        """
        self._asked, self._pixels = request, None
        size_bytes = pixel_bytes(request)
        descriptors = [opened(data, patches)]
        try:
            if size_bytes:
                descriptors.append(os.memfd_create("pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
                os.ftruncate(descriptors[-1], size_bytes)
                fcntl.fcntl(descriptors[-1], fcntl.F_ADD_SEALS, _SEALS)
                self._pixels = mmap.mmap(descriptors[-1], size_bytes)
            message = packed(request_values(request, memory_bytes, seconds))
            with suppress(OSError):
                # The message is short and the socket empty, so it fits. If the process has ended, `answer` raises.
                socket.send_fds(self._socket, [message], descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def wait(self, seconds: float) -> bool:
        """Waits for the answer or the process's end; returns whether `answer` would return or raise now."""
        if self._socket.fileno() < 0:
            return True
        end = time.monotonic() + seconds
        waiting = select.poll()
        waiting.register(self._socket, select.POLLIN)
        while not self._has_answer():
            if not waiting.poll(max(0.0, end - time.monotonic()) * 1000):
                return False
            if not self._receive():
                return True
        return True

    def answer(self) -> Decoded:
        """The answer, once `wait` has returned true.

        Raises:
            EdgeOcrError, MemoryError: the process answered with this error.
            BadMessage: the answer is invalid; the process should be killed.
            Ended: the process has ended.
        """
        if not self._has_answer():
            raise Ended(self.end())
        request, pixels = self._asked, self._pixels
        assert request is not None
        data = bytes(self._received[LENGTH.size :])
        self._received.clear()
        self._asked = self._pixels = None
        answer = answer_from(request, data)
        return Decoded(answer, shaped(request, answer, pixels))

    def _has_answer(self) -> bool:
        """Whether a complete message has arrived; the first one only reports the start."""
        while len(self._received) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(self._received)
            if length > MOST_BYTES:
                return True
            if len(self._received) < LENGTH.size + length:
                return False
            if self._greeted:
                return True
            self._greeted = True
            del self._received[: LENGTH.size + length]
        return False

    def _receive(self) -> bool:
        """Receives available bytes; False at the end."""
        try:
            data = self._socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self._received += data
        return bool(data)

    def step_back(self) -> None:
        """Sets the lowest scheduling priority."""
        with suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, 0) + _NICER
            os.setpriority(os.PRIO_PROCESS, self.pid, min(niceness, _MOST_NICENESS))

    def resident_bytes(self) -> int:
        """Its private resident memory; 0 after its end."""
        try:
            resident, shared = Path(f"/proc/{self.pid}/statm").read_text().split()[1:3]
        except (OSError, ValueError):
            return 0
        return (int(resident) - int(shared)) * mmap.PAGESIZE

    def kill(self) -> None:
        """Kills the process, from any thread; a waiting caller receives an error."""
        self._process.kill()

    def end(self) -> int:
        """Kills and reaps the process; returns the signal that ended it, before or now."""
        self._end()
        self._pixels = None
        return max(0, -(self._process.returncode or 0))


def _end(process: subprocess.Popen[bytes], connection: socket.socket) -> None:
    process.kill()
    process.wait()
    connection.close()


def _import_path() -> list[str]:
    """The module search path, including edgeocr's if an import hook provides it."""
    found = find_spec("edgeocr")
    own = [str(Path(found.origin).parents[1])] if found is not None and found.origin else []
    return [*own, *(entry for entry in sys.path if entry)]
