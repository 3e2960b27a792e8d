"""One decoder process, from its start to its end: it does one thing at a time, and may be ended at any moment."""

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
"""Memory that a process which was taken over could make shorter would crash its reader."""


class Ended(Exception):
    """The process ended before its answer; `signal_number` says by which signal, 0 for none."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"signal {signal_number}")
        self.signal_number = signal_number


class DecoderProcess:
    """One process; for one thread at a time, but for `kill`."""

    def __init__(self, most_bytes: int) -> None:
        """Starts it; it may take so much memory at most, whatever it is asked."""
        ours, theirs = socket.socketpair()
        self.started = time.monotonic()
        with theirs:
            start = _START.format(path=_import_path(), descriptor=theirs.fileno(), most_bytes=most_bytes)
            # Without `site`, it starts in half the time. Nothing of the environment is its business.
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
        """Its number."""
        return self._process.pid

    @property
    def is_ready(self) -> bool:
        """Whether it has started, as far as is known."""
        return self._greeted

    def ask(self, request: Request, data: Contents, patches: Patches, memory_bytes: int, seconds: float) -> None:
        """Asks for something; the answer is to be waited for before anything else is asked.

        Raises:
            Ended: it is gone.
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
                # It is short, and nothing else is in the socket: there is room. If nobody takes it, `answer` raises.
                socket.send_fds(self._socket, [message], descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def wait(self, seconds: float) -> bool:
        """Waits for the answer, or the end; whether `answer` would have something now."""
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
        """The answer, once `wait` says so.

        Raises:
            EdgeOcrError, MemoryError: that is what the process answered.
            BadMessage: it answered what is none; it should be ended.
            Ended: it is gone.
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
        """Whether there is a whole message; the first one only says that the process is there."""
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
        """Takes what has come; False at the end."""
        try:
            data = self._socket.recv(_CHUNK_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        self._received += data
        return bool(data)

    def step_back(self) -> None:
        """From now on it runs only where nothing else would."""
        with suppress(OSError):
            niceness = os.getpriority(os.PRIO_PROCESS, 0) + _NICER
            os.setpriority(os.PRIO_PROCESS, self.pid, min(niceness, _MOST_NICENESS))

    def resident_bytes(self) -> int:
        """What of it is in memory that it shares with no other process; 0 once it is gone."""
        try:
            resident, shared = Path(f"/proc/{self.pid}/statm").read_text().split()[1:3]
        except (OSError, ValueError):
            return 0
        return (int(resident) - int(shared)) * mmap.PAGESIZE

    def kill(self) -> None:
        """Ends it at once, from any thread; a waiting caller gets an error."""
        self._process.kill()

    def end(self) -> int:
        """Ends it at once, and lets go of it; the signal that it had ended by before, or this one's."""
        self._end()
        self._pixels = None
        return max(0, -(self._process.returncode or 0))


def _end(process: subprocess.Popen[bytes], connection: socket.socket) -> None:
    process.kill()
    process.wait()
    connection.close()


def _import_path() -> list[str]:
    """Where this process finds modules, edgeocr even where an import hook finds it."""
    found = find_spec("edgeocr")
    own = [str(Path(found.origin).parents[1])] if found is not None and found.origin else []
    return [*own, *(entry for entry in sys.path if entry)]
