"""The state of an open gRPC call: its caller, and its last activity."""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from edgeocr.server.access_log.record import CallRecord

_log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Call:
    """Shared by everything that answers a call.

    Attributes:
        caller: the caller, for fair shares.
        peer: address and port of its connection; an empty address for a unix socket.
        until_sent: what to call, last first, when the last byte of the answer is written or the caller has gone.
        is_busy: returns whether the server is working for it.
        record: its access log entry.
        is_stream: whether errors of images are answers, after which the call continues.
        input_ended: when the caller half-closed it (time.monotonic()); 0 before.
        moved: when a message was last received or sent (time.monotonic()).
    """

    caller: str
    peer: tuple[str, int] = ("", 0)
    until_sent: list[Callable[[], object]] = field(default_factory=list)
    is_busy: Callable[[], bool] = lambda: False
    record: CallRecord = field(default_factory=CallRecord)
    is_stream: bool = False
    input_ended: float = 0.0
    moved: float = field(default_factory=time.monotonic)

    def touch(self) -> None:
        """Records that a message was received or sent."""
        self.moved = time.monotonic()

    def close(self) -> None:
        """Makes the calls of `until_sent`."""
        while self.until_sent:
            try:
                self.until_sent.pop()()
            except Exception:
                _log.exception("the end of a call failed")


CURRENT: ContextVar[Call] = ContextVar("call")
"""The call of the running task."""


def current() -> Call:
    """The call that the running task answers."""
    return CURRENT.get()
