"""One open gRPC call: who makes it, and when something of it last moved."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Call:
    """Known to all that answers a call.

    Attributes:
        caller: who makes it, as shares are counted.
        peer: address and port that its connection is from; an empty address for a unix socket.
        until_sent: what is closed once the last byte of its answer was written, or nobody is there any more.
        is_busy: whether the server has something to do for it.
        moved: when a message last came or left, on the clock of time.monotonic().
    """

    caller: str
    peer: tuple[str, int] = ("", 0)
    until_sent: ExitStack = field(default_factory=ExitStack)
    is_busy: Callable[[], bool] = lambda: False
    moved: float = field(default_factory=time.monotonic)

    def touch(self) -> None:
        """A message came or left."""
        self.moved = time.monotonic()


CURRENT: ContextVar[Call] = ContextVar("call")
"""That of the running task."""


def current() -> Call:
    """The call that the running task answers."""
    return CURRENT.get()
