"""The decoder processes of a server: started when they are needed, ended when they are not, or do what they should not.

There are no more than workers. A caller may have all of them at work but one, so that files that take long keep nobody
else's from being opened.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from enum import StrEnum

from edgeocr.model.errors import EdgeOcrError, InvalidInput, Limit, OutOfMemory
from edgeocr.model.files.decoder import Decoded, Patches
from edgeocr.model.files.requests import DAMAGED, CountPages, DecodeImage, DrawPage, LookAtPage, Request
from edgeocr.server.decoder.messages import BadMessage, Bug
from edgeocr.server.decoder.process import DecoderProcess, Ended
from edgeocr.server.errors import TooCostly, TooSlow

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.05
_LONG_SECONDS = 1.0
"""After so long a request steps back behind all other work, and its process is not used again."""
_START_SECONDS = 20.0
_IDLE_SECONDS = 60.0
"""A process that nobody needed for so long is ended."""
_MOST_GROWN_BYTES = 16 << 20
"""A process that keeps so much more than it began with is ended."""
_NO_MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGKILL)
"""How PDFium ends its process for lack of memory, and how the kernel does."""
_NAMES = {CountPages: "document", LookAtPage: "page", DrawPage: "page", DecodeImage: "image.encoded"}


class Restart(StrEnum):
    """Why a process was replaced."""

    CRASH = "crash"
    MEMORY = "memory"
    TIME = "time"
    GROWN = "grown"
    ABANDONED = "abandoned"


class Decoding:
    """A request that a process is at; for one thread at a time, but for `end_if_late`."""

    def __init__(
        self, pool: "DecoderPool", process: DecoderProcess, caller: str, request: Request, memory_bytes: int
    ) -> None:
        """Takes the process, which was asked, for whom, for what, and what that may take."""
        self.caller = caller
        self.process = process
        self._pool = pool
        self._request = request
        self._memory_bytes = memory_bytes
        self._began = time.monotonic()
        self._is_late = False
        self._stepped_back = False

    def wait(self, seconds: float, check: Callable[[], None]) -> bool:
        """Waits for the end, at most so long; `check` is called meanwhile, and what it raises ends the request."""
        until = time.monotonic() + seconds
        while not self.process.wait(min(_LOOK_SECONDS, max(0.0, until - time.monotonic()))):
            try:
                check()
            except BaseException:
                self.abandon()
                raise
            self.end_if_late()
            if time.monotonic() >= until:
                return False
        return True

    def is_done(self) -> bool:
        """Whether `result` would return at once."""
        return self.process.wait(0.0)

    def end_if_late(self) -> None:
        """Ends the process if it has been at the request for longer than it may; from any thread."""
        taken = time.monotonic() - self._began
        if taken > _LONG_SECONDS and not self._stepped_back:
            self._stepped_back = True
            self.process.step_back()
        if taken > self._pool.seconds + (0.0 if self.process.is_ready else _START_SECONDS):
            self._is_late = True
            self.process.kill()

    def abandon(self) -> None:
        """Nobody waits for it any more."""
        self._pool.end(self, Restart.ABANDONED)

    def result(self) -> Decoded:
        """What came of it.

        Raises:
            EdgeOcrError: the file cannot be opened, or takes more than it may.
        """
        was_ready = self.process.is_ready
        try:
            decoded = self.process.answer()
        except Ended as ended:
            raise self._ended(ended.signal_number, was_ready=was_ready) from None
        except MemoryError:
            self._pool.take_back(self, grown=True)
            raise self._too_costly() from None
        except EdgeOcrError:
            self._pool.take_back(self, grown=self._stepped_back)
            raise
        except BadMessage:
            _log.error("a decoder process gave no answer to what it was asked, and was ended")
            self._pool.end(self, Restart.CRASH)
            raise InvalidInput(DAMAGED) from None
        except Bug:
            self._pool.end(self, Restart.CRASH)
            raise
        self._pool.take_back(self, grown=self._stepped_back)
        return decoded

    def _ended(self, signal_number: int, *, was_ready: bool) -> EdgeOcrError:
        if self._is_late or signal_number == signal.SIGXCPU:
            self._pool.end(self, Restart.TIME)
            seconds = self._pool.seconds
            return TooSlow(
                f"{self._name}: opening it takes longer than {seconds:g} s, which is the limit (decode_seconds)",
                Limit("decode_seconds", seconds, round(time.monotonic() - self._began, 3)),
            )
        if not was_ready:
            _log.error("a decoder process did not start: it ended by signal %d", signal_number)
            self._pool.end(self, Restart.CRASH)
            return OutOfMemory()
        if signal_number in _NO_MEMORY_SIGNALS:
            self._pool.end(self, Restart.MEMORY)
            return self._too_costly()
        _log.warning("a file ended its decoder process by signal %d", signal_number)
        self._pool.end(self, Restart.CRASH)
        return InvalidInput(DAMAGED)

    def _too_costly(self) -> TooCostly:
        return TooCostly(
            f"{self._name}: opening it takes more than {self._memory_bytes} bytes (decoder_bytes), which is what the "
            "memory budget (memory_budget) leaves for that",
            Limit("decoder_bytes", self._memory_bytes, self._memory_bytes + 1),
        )

    @property
    def _name(self) -> str:
        return _NAMES[type(self._request)]


class DecoderPool:
    """Thread-safe."""

    def __init__(self, count: int, most_bytes: int, seconds: float, on_restart: Callable[[str], None]) -> None:
        """Takes how many processes there may be, what each may take in memory, whatever it is asked, how long a
        request may take, and whom to tell why a process is replaced."""
        self.seconds = seconds
        self._count = count
        self._most_bytes = most_bytes
        self._on_restart = on_restart
        self._idle: list[tuple[DecoderProcess, float]] = []
        self._least_bytes: dict[DecoderProcess, int] = {}
        self._busy: set[Decoding] = set()
        self._changed = threading.Condition()
        self._closed = False

    def begin(
        self, caller: str, request: Request, data: bytes, patches: Patches, memory_bytes: int, wait_seconds: float = 0.0
    ) -> Decoding | None:
        """Asks a process; None if this caller can have none within that time."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(caller), wait_seconds):
                return None
            process = self._idle.pop()[0] if self._idle else DecoderProcess(self._most_bytes)
            decoding = Decoding(self, process, caller, request, memory_bytes)
            self._busy.add(decoding)
        try:
            process.ask(request, data, patches, memory_bytes, self.seconds)
        except BaseException:
            self.end(decoding, Restart.CRASH)
            raise
        return decoding

    def has_room(self, caller: str) -> bool:
        """Whether a process may be had now."""
        with self._changed:
            return self._has_room(caller)

    def _has_room(self, caller: str) -> bool:
        own = sum(decoding.caller == caller for decoding in self._busy)
        return len(self._busy) < self._count and own < max(1, self._count - 1)

    def take_back(self, decoding: Decoding, *, grown: bool) -> None:
        """A request is done; its process is not used again if it has grown."""
        process = decoding.process
        resident = process.resident_bytes()
        grown = grown or resident > self._least_bytes.setdefault(process, resident) + _MOST_GROWN_BYTES
        if grown or self._closed:
            self.end(decoding, Restart.GROWN)
            return
        with self._changed:
            self._busy.discard(decoding)
            self._idle.append((process, time.monotonic()))
            self._changed.notify_all()

    def end(self, decoding: Decoding, reason: Restart) -> None:
        """A request is done, and its process ended."""
        with self._changed:
            if decoding not in self._busy:
                return
            self._busy.discard(decoding)
            self._least_bytes.pop(decoding.process, None)
            self._changed.notify_all()
        decoding.process.end()
        self._on_restart(reason)

    def look(self) -> None:
        """Ends what is late, and what nobody needed for a while; takes microseconds, to be called now and then."""
        with self._changed:
            busy = list(self._busy)
            until = time.monotonic() - _IDLE_SECONDS
            tired = [process for process, since in self._idle if since < until]
            self._idle = [(process, since) for process, since in self._idle if since >= until]
        for decoding in busy:
            decoding.end_if_late()
        for process in tired:
            self._least_bytes.pop(process, None)
            process.end()

    def count(self) -> int:
        """Processes that there are."""
        with self._changed:
            return len(self._busy) + len(self._idle)

    def resident_bytes(self) -> int:
        """Memory that the processes hold, beside what they share."""
        with self._changed:
            processes = [*(decoding.process for decoding in self._busy), *(process for process, _ in self._idle)]
        return sum(process.resident_bytes() for process in processes)

    def close(self) -> None:
        """Ends all processes."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for process, _ in idle:
            process.end()
        for decoding in busy:
            decoding.process.kill()
