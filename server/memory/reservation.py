"""Bytes that are held for a while: the one way to hold memory of the budget."""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from edgeocr.server.memory.budget import Budget


class Use(StrEnum):
    """What bytes are held for."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    RUNNING = "running"
    ANSWERING = "answering"
    SPOOLED = "spooled"
    """On disk, and not in memory."""


class Reservation:
    """Bytes that are held until they are released; a context manager. Thread-safe.

    Attributes:
        budget: of which they are.
        use: what they are held for.
        caller: for whom; empty for the server itself.
        size_bytes: how many.
        closed: whether it was released.
        number: its place in the order in which reservations were made.
        may_reach_bytes: how large it may yet become; None once it grows no more.
        least_bytes: what is held of it from its first byte on.
        evict: ends what it is held for, in the event loop's thread; None for what cannot be ended.
    """

    def __init__(self, budget: "Budget", use: Use, caller: str, number: int) -> None:
        """Holds nothing yet; `Budget` makes them."""
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
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Releases it."""
        self.release()

    def grow(self, size_bytes: int) -> bool:
        """Takes more bytes if there is room for them."""
        return self.budget.grow(self, size_bytes)

    async def grow_within(self, size_bytes: int, seconds: float) -> None:
        """Takes more bytes once there is room for them.

        Raises:
            MemoryFull: there was none within so many seconds.
        """
        await self.budget.grow_within(self, size_bytes, seconds)

    def resize(self, size_bytes: int) -> None:
        """Holds so many bytes from now on, whether there is room or not."""
        self.budget.resize(self, size_bytes)

    def add(self, size_bytes: int) -> None:
        """Holds so many bytes more, or fewer, whether there is room or not."""
        self.budget.add(self, size_bytes)

    def split(self, size_bytes: int) -> "Reservation":
        """Hands over up to so many of its bytes, to a reservation of their own."""
        part = self.budget.hold(self.use, 0, self.caller)
        self.move(size_bytes, part)
        return part

    def move(self, size_bytes: int, to: "Reservation") -> int:
        """Hands over up to so many of its bytes to another one of the same use and caller; returns how many."""
        return self.budget.move(self, to, size_bytes)

    def settle(self) -> None:
        """Grows no more, and cannot be ended."""
        self.may_reach_bytes = self.evict = None
        self.budget.wake()

    def release(self) -> None:
        """Gives everything back, and takes nothing any more; may be called again."""
        self.budget.close(self)
