"""A request that a decoder process works on, and the meaning of its outcome for the file."""

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
"""After this time a request gets the lowest scheduling priority, and its process is not reused."""
_START_SECONDS = 20.0
NO_MEMORY_SIGNALS = (signal.SIGABRT, signal.SIGKILL)
"""Signals by which PDFium and the kernel end a process for lack of memory."""
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
    """The process was given to another caller; `seconds` is how long it had worked on this request."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"after {seconds:.1f} s")
        self.seconds = seconds


class Pool(Protocol):
    """The pool that processes come from and return to."""

    @property
    def seconds(self) -> float:
        """Time limit of a request."""

    def take_back(self, decoding: "Decoding", *, grown: bool) -> None:
        """Returns a process after a request; it is not reused if its memory has grown."""

    def end(self, decoding: "Decoding", reason: Restart) -> None:
        """Removes a process that has ended."""


class Decoding:
    """A request that a process works on; for one thread at a time, except `end_if_late`."""

    def __init__(
        self,
        pool: Pool,
        process: DecoderProcess,
        stream: tuple[str, str],
        request: Request,
        memory_bytes: int,
        fair_seconds: float,
    ) -> None:
        """Takes the process, which has the request, its caller and stream, the request, its memory limit, and the time
        before it may be displaced."""
        self.stream = stream
        self.process = process
        self._pool = pool
        self._request = request
        self._memory_bytes = memory_bytes
        self._began = time.monotonic()
        self._starting = not process.is_ready
        self._fair_seconds = fair_seconds
        # Not an exception, whose traceback would keep the file alive.
        self._displaced_after: float | None = None
        self._is_late = False
        self._stepped_back = False

    def wait(self, seconds: float, check: Callable[[], None]) -> bool:
        """Waits for the outcome for a limited time; calls `check` meanwhile, whose exceptions end the request."""
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
        """Whether `result` would return immediately."""
        self.end_if_late()
        return self._displaced_after is not None or self.process.wait(0.0)

    def end_if_late(self) -> None:
        """Kills the process if the request has exceeded its time limit; may be called from any thread."""
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
        """Whether further requests for the same file follow soon."""
        return isinstance(self._request, CountPages) or (
            isinstance(self._request, LookAtPage) and not self._request.with_text
        )

    def may_be_displaced(self) -> bool:
        """Whether it has had its fair time, after which waiting requests may displace it."""
        return self._displaced_after is None and time.monotonic() - self._began > self._fair_seconds

    def displace(self) -> None:
        """Gives the process to another request; may be called from any thread."""
        self._displaced_after = time.monotonic() - self._began
        self._pool.end(self, Restart.DISPLACED)

    def abandon(self) -> None:
        """Ends a request that no one waits for any more."""
        self._pool.end(self, Restart.ABANDONED)

    def result(self) -> Decoded:
        """The outcome.

        Raises:
            EdgeOcrError: the file cannot be opened, or exceeds a limit.
            Displaced: the request must be repeated later.
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
            _log.error("a decoder process gave no valid answer and was killed")
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
                f"{self._name}: opening it takes longer than the limit of {seconds:g} s (decode_seconds)",
                Limit("decode_seconds", seconds, round(time.monotonic() - self._began, 3)),
            )
        if not was_ready:
            _log.error("a decoder process did not start: it was ended by signal %d", signal_number)
            self._pool.end(self, Restart.CRASH)
            return OutOfMemory()
        if signal_number in NO_MEMORY_SIGNALS:
            self._pool.end(self, Restart.MEMORY)
            return self._too_costly()
        _log.warning("a file crashed its decoder process by signal %d", signal_number)
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
