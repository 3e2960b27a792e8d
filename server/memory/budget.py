"""The memory budget: accounts for the process's memory before it is allocated.

    total = base + headroom + arriving (messages) + waiting (images as sent) + running (images that are read)

Unsent answers have no limit of their own: they share the limit of running images.

The base is the memory of the idle process. Each use has its own limit, so that waiting images can never take the memory
of running ones. If the kernel counts more than is accounted for, the difference counts as held.

Large waiting files are on disk, where they have their own limit, and take no memory.

Memory of waiting images is shared among callers (`edgeocr.server.memory.shares`). Reservations that wait for room are
served in the order in which they were made, when something is released.
"""

import asyncio
import itertools
import math
import threading
from collections.abc import Callable

from edgeocr.server.errors import MemoryFull, SpoolFull
from edgeocr.server.memory import refusals
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.memory.shares import Shares

_HEADROOM_SHARE = 0.05
"""Fraction of the total for memory that is not accounted for: buffers of connections, page tables."""
_MANY_BYTES = 1 << 30
_RETRY_SECONDS = 1.0
"""Retry delay for callers that found no room."""


_SHARES = {Use.ARRIVING: 1 / 8, Use.WAITING: 1 / 8, Use.RUNNING: 3 / 4, Use.ANSWERING: 3 / 8}
"""Fractions of the memory that base and headroom leave; answers share that of running images."""

_SHARED = (Use.WAITING, Use.ANSWERING, Use.SPOOLED)


class Budget:
    """Thread-safe."""

    def __init__(self, total_bytes: int, base_bytes: int = 0, spool_bytes: int = 0) -> None:
        """Takes the limit of the process's memory, its memory without images, and the limit on disk."""
        self.total_bytes = int(total_bytes)
        self.spool_bytes = int(spool_bytes)
        self._base_bytes = base_bytes
        self._most = self._limits()
        self._unaccounted_bytes = 0
        self._used = dict.fromkeys(Use, 0)
        # Only large files are on disk.
        self._shares = {use: Shares(0.0) if use is Use.SPOOLED else Shares() for use in _SHARED}
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._numbers = itertools.count()
        self._waiters: dict[asyncio.Future[None], tuple[Reservation, int]] = {}

    def on_release(self, listener: Callable[[], None]) -> None:
        """Registers a function that is called, in any thread, when there may be more room."""
        self._listeners.append(listener)

    @property
    def base_bytes(self) -> int:
        """The process's memory without images, as last measured."""
        return self._base_bytes

    @property
    def unaccounted_bytes(self) -> int:
        """The process's memory beyond the accounted memory, as last measured."""
        return self._unaccounted_bytes

    def most_bytes(self, use: Use) -> int:
        """The limit of a use in bytes."""
        return self._most[use]

    def _limits(self) -> dict[Use, int]:
        spare_bytes = max(0.0, self.total_bytes * (1 - _HEADROOM_SHARE) - self._base_bytes)
        return {Use.SPOOLED: self.spool_bytes, **{use: round(spare_bytes * share) for use, share in _SHARES.items()}}

    @property
    def headroom_bytes(self) -> int:
        """Memory for things that are not accounted for individually, such as open calls."""
        return round(self.total_bytes * _HEADROOM_SHARE)

    def most_file_bytes(self, use: Use = Use.WAITING) -> int:
        """The size of the largest image that can wait, in memory or on disk."""
        return Shares.most_large_bytes(self.most_bytes(use))

    def needed_bytes(self, file_bytes: int) -> int:
        """The budget that a file of this size would need to wait in memory."""
        waiting_bytes = file_bytes * _MANY_BYTES / Shares.most_large_bytes(_MANY_BYTES)
        return math.ceil((waiting_bytes / _SHARES[Use.WAITING] + self._base_bytes) / (1 - _HEADROOM_SHARE))

    def used_bytes(self) -> dict[Use, int]:
        """Bytes held now, by use."""
        with self._lock:
            return dict(self._used)

    def accounted_bytes(self) -> int:
        """Memory held now, including the base."""
        with self._lock:
            return self._base_bytes + sum(self._used.values()) - self._used[Use.SPOOLED]

    def held_bytes(self) -> int:
        """Memory held now, including the base and unaccounted memory."""
        return self.accounted_bytes() + self._unaccounted_bytes

    def fill(self) -> float:
        """The fraction of the total in use, which may exceed 1."""
        return self.held_bytes() / self.total_bytes

    def hold(self, use: Use, size_bytes: int, caller: str = "") -> Reservation:
        """Reserves bytes unconditionally, for memory that is already in use or indispensable."""
        reservation = Reservation(self, use, caller, next(self._numbers))
        if size_bytes:
            self.resize(reservation, size_bytes)
        return reservation

    def try_reserve(self, use: Use, size_bytes: int, caller: str = "") -> Reservation | None:
        """Reserves bytes if there is room; a single message or image always finds room to arrive or to be read."""
        reservation = Reservation(self, use, caller, next(self._numbers))
        return reservation if self.grow(reservation, size_bytes) else None

    def grow(self, reservation: Reservation, size_bytes: int) -> bool:
        """See `Reservation.grow`."""
        with self._lock:
            if fits := not reservation.closed and self._fits(reservation, size_bytes):
                self._change(reservation, size_bytes)
            return fits

    async def grow_within(self, reservation: Reservation, size_bytes: int, seconds: float) -> None:
        """See `Reservation.grow_within`."""
        with self._lock:
            if not self._waiters and self.grow(reservation, size_bytes):
                return
            granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters[granted] = reservation, size_bytes
        self._serve()
        try:
            async with asyncio.timeout(seconds):
                await granted
        except TimeoutError:
            if not granted.done() or granted.cancelled():
                raise self.memory_full(reservation.use, size_bytes, reservation.caller) from None
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                # The caller has gone, and does not know that the bytes were granted.
                self.resize(reservation, reservation.size_bytes - size_bytes)
            raise
        finally:
            with self._lock:
                self._waiters.pop(granted, None)
            self._serve()

    def has_share(self, use: Use, caller: str) -> bool:
        """Whether a caller holds its whole share of a use."""
        with self._lock:
            return self._shares[use].is_full(caller, self.most_bytes(use))

    def memory_full(
        self, use: Use, size_bytes: int, caller: str = "", retry_seconds: float = _RETRY_SECONDS
    ) -> MemoryFull | SpoolFull:
        """The error for further bytes of a use that found no room."""
        most_bytes = self.most_bytes(use)
        with self._lock:
            asked_bytes = self._used[use] + size_bytes
            shares = self._shares.get(use)
            of_caller = shares.held_bytes(caller) + size_bytes if shares is not None and caller else 0
        if use is Use.SPOOLED:
            return refusals.spool_full(most_bytes, asked_bytes, retry_seconds)
        return refusals.memory_full(
            use,
            most_bytes,
            asked_bytes,
            of_caller_bytes=of_caller,
            total_bytes=self.total_bytes,
            retry_seconds=retry_seconds,
        )

    def resize(self, reservation: Reservation, size_bytes: int) -> None:
        """See `Reservation.resize`."""
        with self._lock:
            released = self._set(reservation, size_bytes)
        # Not under the lock: listeners take their own locks, whose holders may wait for this one.
        if released:
            self.wake()

    def add(self, reservation: Reservation, size_bytes: int) -> None:
        """See `Reservation.add`."""
        with self._lock:
            released = self._set(reservation, reservation.size_bytes + size_bytes)
        if released:
            self.wake()

    def close(self, reservation: Reservation) -> None:
        """See `Reservation.release`."""
        with self._lock:
            reservation.may_reach_bytes = reservation.evict = None
            waits = bool(self._waiters) and any(waiter is reservation for waiter, _ in self._waiters.values())
            released = self._set(reservation, 0) or waits
            reservation.closed = True
        if released:
            self.wake()

    def _set(self, reservation: Reservation, size_bytes: int) -> bool:
        """Sets the size of an open reservation; returns whether it shrank."""
        change_bytes = size_bytes - reservation.size_bytes
        if reservation.closed:
            return False
        self._change(reservation, change_bytes)
        return change_bytes < 0

    def move(self, source: Reservation, to: Reservation, most_bytes: int) -> int:
        """See `Reservation.move`."""
        assert (source.use, source.caller) == (to.use, to.caller), "bytes move only within a use and a caller"
        with self._lock:
            moved = min(most_bytes, source.size_bytes)
            self._change(source, -moved)
            self._change(to, moved)
            return moved

    def observe(self, *, base_bytes: int | None = None, unaccounted_bytes: int = 0) -> None:
        """Records the kernel's count.

        Args:
            base_bytes: the process's memory without images; None leaves it unchanged.
            unaccounted_bytes: memory beyond all that is accounted for.
        """
        with self._lock:
            if base_bytes is not None:
                self._base_bytes = base_bytes
                self._most = self._limits()
            self._unaccounted_bytes = unaccounted_bytes
        self.wake()

    def _fits(self, reservation: Reservation, size_bytes: int) -> bool:
        use = reservation.use
        used, most = self._used[use], self.most_bytes(use)
        if use in (Use.WAITING, Use.SPOOLED):
            # The memory is in use already, or will be soon.
            return self._shares[use].fits(reservation, size_bytes, most)
        others = sum(self._used.values()) - self._used[Use.SPOOLED] if use is Use.ARRIVING else used
        if not others:
            # Reads beyond the limit are ended soon.
            return use is not Use.RUNNING or self._used[Use.ARRIVING] <= self.most_bytes(Use.ARRIVING)
        within = self.held_bytes() + size_bytes <= self.total_bytes * (1 - _HEADROOM_SHARE)
        return (not used or used + size_bytes <= most) and within

    def _change(self, reservation: Reservation, size_bytes: int) -> None:
        reservation.size_bytes += size_bytes
        self._used[reservation.use] += size_bytes
        if (shares := self._shares.get(reservation.use)) is not None:
            shares.change(reservation, size_bytes)

    def wake(self) -> None:
        """Serves waiting reservations, and calls the listeners, when there may be more room."""
        # Who begins to wait later looks for room once more itself.
        if self._waiters:
            with self._lock:
                loops = {future.get_loop() for future in self._waiters}
            for loop in loops:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._serve)
        for listener in self._listeners:
            listener()

    def _serve(self) -> None:
        """Serves waiting reservations in order, in the event loop's thread.

        A reservation that only its caller's share blocks lets others go first. For one that other callers block, what a
        caller holds beyond its share is evicted.
        """
        evict = None
        with self._lock:
            for granted, (reservation, size_bytes) in sorted(self._waiters.items(), key=lambda item: item[1][0].number):
                if granted.done():
                    continue
                if reservation.closed or self._fits(reservation, size_bytes):
                    if not reservation.closed:
                        self._change(reservation, size_bytes)
                    del self._waiters[granted]
                    granted.set_result(None)
                    continue
                if (shares := self._shares.get(reservation.use)) is None:
                    break
                if shares.is_beyond(reservation, size_bytes, self.most_bytes(reservation.use)):
                    continue
                evict = shares.to_evict(reservation, self.most_bytes(reservation.use))
                break
        if evict is not None and evict.evict is not None:
            end, evict.evict = evict.evict, None
            end()
