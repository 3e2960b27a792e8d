"""The memory budget: who holds how many of the process's bytes, accounted for before they are allocated.

    total = base + headroom + arriving (messages) + waiting (images as sent) + running (images that are read)

Answers that are not sent yet have no part of their own: what they hold, images that are read cannot.

The base is what the process takes when it does nothing. Each use has a limit of its own, so that what waits can never
keep what is read from its memory. Where the kernel counts more than is accounted for, the difference counts as held.

Large files that wait are on disk, where they have a limit of their own, and take no memory.

What waits is shared among callers (`edgeocr.server.memory.shares`). Whoever waits for room is served in the order in
which the reservations were made, as soon as something is released.
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
"""Of the total, for what nobody accounts for: buffers of connections, page tables."""
_MANY_BYTES = 1 << 30
_RETRY_SECONDS = 1.0
"""After this time a caller that got no room may ask again."""


_SHARES = {Use.ARRIVING: 1 / 8, Use.WAITING: 1 / 8, Use.RUNNING: 3 / 4, Use.ANSWERING: 3 / 8}
"""Of what base and headroom leave; answers share theirs with images that are read."""

_SHARED = (Use.WAITING, Use.ANSWERING, Use.SPOOLED)


class Budget:
    """Thread-safe."""

    def __init__(self, total_bytes: int, base_bytes: int = 0, spool_bytes: int = 0) -> None:
        """Takes the most that the process may hold, what it holds without an image, and the most on disk."""
        self.total_bytes = int(total_bytes)
        self.spool_bytes = int(spool_bytes)
        self._base_bytes = base_bytes
        self._unaccounted_bytes = 0
        self._used = dict.fromkeys(Use, 0)
        # All files on disk are large.
        self._shares = {use: Shares(0.0) if use is Use.SPOOLED else Shares() for use in _SHARED}
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._numbers = itertools.count()
        self._waiters: dict[asyncio.Future[None], tuple[Reservation, int]] = {}

    def on_release(self, listener: Callable[[], None]) -> None:
        """Has a function called, in any thread, whenever there may be more room."""
        self._listeners.append(listener)

    @property
    def base_bytes(self) -> int:
        """What the process holds without an image, as far as is known."""
        return self._base_bytes

    @property
    def unaccounted_bytes(self) -> int:
        """What the process held beyond the accounted memory when it was last measured."""
        return self._unaccounted_bytes

    def most_bytes(self, use: Use) -> int:
        """The limit of a use."""
        if use is Use.SPOOLED:
            return self.spool_bytes
        spare_bytes = max(0.0, self.total_bytes * (1 - _HEADROOM_SHARE) - self._base_bytes)
        return round(spare_bytes * _SHARES[use])

    @property
    def headroom_bytes(self) -> int:
        """What is left for what nobody accounts for one by one, such as open calls."""
        return round(self.total_bytes * _HEADROOM_SHARE)

    def most_file_bytes(self, use: Use = Use.WAITING) -> int:
        """The largest image that may ever wait, in memory or on disk."""
        return Shares.most_large_bytes(self.most_bytes(use))

    def needed_bytes(self, file_bytes: int) -> int:
        """The budget with which a file of so many bytes might wait."""
        waiting_bytes = file_bytes * _MANY_BYTES / Shares.most_large_bytes(_MANY_BYTES)
        return math.ceil((waiting_bytes / _SHARES[Use.WAITING] + self._base_bytes) / (1 - _HEADROOM_SHARE))

    def used_bytes(self) -> dict[Use, int]:
        """What is held now, by use."""
        with self._lock:
            return dict(self._used)

    def accounted_bytes(self) -> int:
        """Memory that is held now, the base included."""
        with self._lock:
            return self._base_bytes + sum(self._used.values()) - self._used[Use.SPOOLED]

    def held_bytes(self) -> int:
        """Likewise, with what is unaccounted for."""
        return self.accounted_bytes() + self._unaccounted_bytes

    def fill(self) -> float:
        """The share (0–1, or more) of the total that is in use."""
        return self.held_bytes() / self.total_bytes

    def hold(self, use: Use, size_bytes: int, caller: str = "") -> Reservation:
        """Holds bytes that are there already, or needed whether there is room or not."""
        reservation = Reservation(self, use, caller, next(self._numbers))
        if size_bytes:
            self.resize(reservation, size_bytes)
        return reservation

    def try_reserve(self, use: Use, size_bytes: int, caller: str = "") -> Reservation | None:
        """Holds bytes if there is room; one alone always finds some, to arrive or to be read."""
        reservation = Reservation(self, use, caller, next(self._numbers))
        return reservation if self.grow(reservation, size_bytes) else None

    async def reserve(self, use: Use, size_bytes: int, *, within: float, caller: str = "") -> Reservation:
        """Holds bytes once there is room.

        Raises:
            MemoryFull: there was none within so many seconds.
        """
        reservation = Reservation(self, use, caller, next(self._numbers))
        await self.grow_within(reservation, size_bytes, within)
        return reservation

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
                # The caller has gone, and does not know that it was granted them.
                self.resize(reservation, reservation.size_bytes - size_bytes)
            raise
        finally:
            with self._lock:
                self._waiters.pop(granted, None)
            self._serve()

    def has_share(self, use: Use, caller: str) -> bool:
        """Whether a caller holds all that it may have of a use."""
        with self._lock:
            return self._shares[use].is_full(caller, self.most_bytes(use))

    def memory_full(
        self, use: Use, size_bytes: int, caller: str = "", retry_seconds: float = _RETRY_SECONDS
    ) -> MemoryFull | SpoolFull:
        """What says that so many more bytes of a use found no room."""
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
        # Not under the lock: listeners have locks of their own, whose holders wait for this one.
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
            waits = any(waiter is reservation for waiter, _ in self._waiters.values())
            released = self._set(reservation, 0) or waits
            reservation.closed = True
        if released:
            self.wake()

    def _set(self, reservation: Reservation, size_bytes: int) -> bool:
        """Has a reservation hold that much, if it is not closed; whether that is less than before."""
        change_bytes = size_bytes - reservation.size_bytes
        if reservation.closed:
            return False
        self._change(reservation, change_bytes)
        return change_bytes < 0

    def move(self, source: Reservation, to: Reservation, most_bytes: int) -> int:
        """See `Reservation.move`."""
        assert (source.use, source.caller) == (to.use, to.caller), "bytes are for one use of one caller"
        with self._lock:
            moved = min(most_bytes, source.size_bytes)
            self._change(source, -moved)
            self._change(to, moved)
            return moved

    def observe(self, *, base_bytes: int | None = None, unaccounted_bytes: int = 0) -> None:
        """Notes what the kernel counts.

        Args:
            base_bytes: what the process holds without an image; None leaves it as it is.
            unaccounted_bytes: what it holds beyond all that is accounted for.
        """
        with self._lock:
            self._base_bytes = self._base_bytes if base_bytes is None else base_bytes
            self._unaccounted_bytes = unaccounted_bytes
        self.wake()

    def _fits(self, reservation: Reservation, size_bytes: int) -> bool:
        use = reservation.use
        used, most = self._used[use], self.most_bytes(use)
        if use in (Use.WAITING, Use.SPOOLED):
            # It is there already, or soon.
            return self._shares[use].fits(reservation, size_bytes, most)
        others = sum(self._used.values()) - self._used[Use.SPOOLED] if use is Use.ARRIVING else used
        if not others:
            # What arrives beyond its limit ends soon.
            return use is not Use.RUNNING or self._used[Use.ARRIVING] <= self.most_bytes(Use.ARRIVING)
        within = self.held_bytes() + size_bytes <= self.total_bytes * (1 - _HEADROOM_SHARE)
        return (not used or used + size_bytes <= most) and within

    def _change(self, reservation: Reservation, size_bytes: int) -> None:
        reservation.size_bytes += size_bytes
        self._used[reservation.use] += size_bytes
        if (shares := self._shares.get(reservation.use)) is not None:
            shares.change(reservation, size_bytes)

    def wake(self) -> None:
        """There may be more room: serves waiting reservations, and calls the listeners."""
        with self._lock:
            loops = {future.get_loop() for future in self._waiters}
        for loop in loops:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._serve)
        for listener in self._listeners:
            listener()

    def _serve(self) -> None:
        """Serves those who wait, in the order of their reservations, in the event loop's thread.

        Who is kept back by its caller's share alone lets others go first. For who is kept back by others, what a
        caller holds beyond its share ends.
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
