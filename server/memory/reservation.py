"""Reservations: the only way to hold memory of the budget."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from edgeocr.server.memory.budget import Budget


class Use(StrEnum):
    """The purpose of reserved bytes."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    RUNNING = "running"
    ANSWERING = "answering"
    SPOOLED = "spooled"
    """On disk, not in memory."""


class Reservation:
    """Bytes that are reserved until released; a context manager. Thread-safe.

    Attributes:
        budget: the budget.
        use: the purpose.
        caller: the caller; empty for the server itself.
        size_bytes: the number of bytes.
        closed: whether it has been released.
        number: position in the order of creation.
        may_reach_bytes: maximum size that it may grow to; None if it grows no more.
        least_bytes: minimum size from the first byte on.
        evict: ends the work that it is held for, in the event loop's thread; None if that cannot be ended.
    """

    def __init__(self, budget: "Budget", use: Use, caller: str, number: int) -> None:
        """Makes an empty reservation; only `Budget` does so."""
        self.use = use
        self.caller = caller
        self.size_bytes = 0
        self.closed = False
        self.number = number
        self.may_reach_bytes: int | None = None
        self.least_bytes = 0
        self.evict: Callable[[], None] | None = None
        self.budget = budget

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Releases the bytes."""
        self.release()

    def grow(self, size_bytes: int) -> bool:
        """Reserves more bytes if there is room; returns whether there was."""
        return self.budget.grow(self, size_bytes)

    async def grow_within(self, size_bytes: int, seconds: float) -> None:
        """Reserves more bytes when there is room.

        Raises:
            MemoryFull: there was none within the time limit.
        """
        await self.budget.grow_within(self, size_bytes, seconds)

    def resize(self, size_bytes: int) -> None:
        """Sets the number of bytes, regardless of room."""
        self.budget.resize(self, size_bytes)

    def add(self, size_bytes: int) -> None:
        """Changes the number of bytes by a difference, regardless of room."""
        self.budget.add(self, size_bytes)

    def split(self, size_bytes: int) -> "Reservation":
        """Moves up to this number of bytes to a new reservation."""
        part = self.budget.hold(self.use, 0, self.caller)
        self.move(size_bytes, part)
        return part

    def move(self, size_bytes: int, to: "Reservation") -> int:
        """Moves up to this number of bytes to another reservation of the same use and caller; returns the number
        moved."""
        return self.budget.move(self, to, size_bytes)

    def settle(self) -> None:
        """Declares that it grows no more and cannot be evicted."""
        self.may_reach_bytes = self.evict = None
        self.budget.wake()

    def release(self) -> None:
        """Releases all bytes and closes it; may be called again."""
        self.budget.close(self)
