"""One request that a decoder process is at, and what its end means for the file."""

import logging
import signal
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from edgeocr.model.errors import EdgeOcrError, InvalidInput, Limit, OutOfMemory
from edgeocr.model.files.opening.decoder import Decoded
from edgeocr.model.files.opening.requests import DAMAGED, CountPages, DecodeImage, DrawPage, LookAtPage, Request
from edgeocr.server.decoder.messages import BadMessage, Bug
from edgeocr.server.decoder.process import DecoderProcess, Ended
from edgeocr.server.errors import TooCostly, TooSlow

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.05
_LONG_SECONDS = 1.0
"""After so long a request steps back behind all other work, and its process is not used again."""
_START_SECONDS = 20.0
NO_MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGKILL)
"""How PDFium ends its process for lack of memory, and how the kernel does."""
_NAMES = {CountPages: "document", LookAtPage: "page", DrawPage: "page", DecodeImage: "image.encoded"}


class Restart(StrEnum):
    """Why a process was replaced."""

    CRASH = "crash"
    MEMORY = "memory"
    TIME = "time"
    GROWN = "grown"
    DISPLACED = "displaced"
    ABANDONED = "abandoned"


class Displaced(Exception):
    """Another caller took the process; `seconds` is for how long it was at this request."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"after {seconds:.1f} s")
        self.seconds = seconds


class Pool(Protocol):
    """Where processes come from, and go back to."""

    @property
    def seconds(self) -> float:
        """How long a request may take."""

    def take_back(self, decoding: "Decoding", *, grown: bool) -> None:
        """A request is done; its process is not used again if it has grown."""

    def end(self, decoding: "Decoding", reason: Restart) -> None:
        """A request is done, and its process ended."""


class Decoding:
    """A request that a process is at; for one thread at a time, but for `end_if_late`."""

    def __init__(
        self,
        pool: Pool,
        process: DecoderProcess,
        stream: tuple[str, str],
        request: Request,
        memory_bytes: int,
        fair_seconds: float,
    ) -> None:
        """Takes the process, which was asked, for which caller and stream, for what, what that may take, and for how
        long it is left alone where others wait."""
        self.stream = stream
        self.process = process
        self._pool = pool
        self._request = request
        self._memory_bytes = memory_bytes
        self._began = time.monotonic()
        self._starting = not process.is_ready
        self._fair_seconds = fair_seconds
        # No exception, which would keep what it went through, and so the file.
        self._displaced_after: float | None = None
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
        self.end_if_late()
        return self._displaced_after is not None or self.process.wait(0.0)

    def end_if_late(self) -> None:
        """Ends the process if it has been at the request for longer than it may; from any thread."""
        if self._starting and self.process.is_ready:
            self._starting, self._began = False, time.monotonic()
        taken = time.monotonic() - self._began
        if taken > _LONG_SECONDS and not (self._starting or self._stepped_back):
            self._stepped_back = True
            self.process.step_back()
        if taken > self._pool.seconds + (_START_SECONDS if self._starting else 0.0):
            self._is_late = True
            self.process.kill()

    @property
    def is_followed(self) -> bool:
        """Whether more is asked of the same file soon after this request."""
        return isinstance(self._request, CountPages) or (
            isinstance(self._request, LookAtPage) and not self._request.with_text
        )

    def may_be_displaced(self) -> bool:
        """Whether it has had its time where others wait."""
        return self._displaced_after is None and time.monotonic() - self._began > self._fair_seconds

    def displace(self) -> None:
        """Leaves the process to somebody else; from any thread."""
        self._displaced_after = time.monotonic() - self._began
        self._pool.end(self, Restart.DISPLACED)

    def abandon(self) -> None:
        """Nobody waits for it any more."""
        self._pool.end(self, Restart.ABANDONED)

    def result(self) -> Decoded:
        """What came of it.

        Raises:
            EdgeOcrError: the file cannot be opened, or takes more than it may.
            Displaced: it is to be asked again later.
        """
        if self._displaced_after is not None:
            raise Displaced(self._displaced_after)
        was_ready = self.process.is_ready
        try:
            decoded = self.process.answer()
        except Ended as ended:
            if self._displaced_after is not None:
                raise Displaced(self._displaced_after) from None
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
        if signal_number in NO_MEMORY_SIGNALS:
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
