"""One open gRPC call: who makes it, and when something of it last moved."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field

from edgeocr.server.access_log.record import CallRecord


@dataclass(slots=True, eq=False)
class Call:
    """What everything that answers a call knows about it.

    Attributes:
        caller: who makes it, as shares are counted.
        peer: address and port that its connection is from; an empty address for a unix socket.
        until_sent: what is closed once the last byte of its answer was written, or nobody is there any more.
        is_busy: whether the server has something to do for it.
        record: what the access log has of it.
        is_stream: whether its images have their errors among its answers, and it goes on.
        input_ended: when no more messages were to come, on the clock of time.monotonic(); 0 while they are.
        moved: when a message last came or left, on the clock of time.monotonic().
    """

    caller: str
    peer: tuple[str, int] = ("", 0)
    until_sent: ExitStack = field(default_factory=ExitStack)
    is_busy: Callable[[], bool] = lambda: False
    record: CallRecord = field(default_factory=CallRecord)
    is_stream: bool = False
    input_ended: float = 0.0
    moved: float = field(default_factory=time.monotonic)

    def touch(self) -> None:
        """A message came or left."""
        self.moved = time.monotonic()


CURRENT: ContextVar[Call] = ContextVar("call")
"""That of the running task."""


def current() -> Call:
    """The call that the running task answers."""
    return CURRENT.get()
