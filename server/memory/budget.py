"""The memory budget: who holds how many of the process's bytes, reckoned before they are allocated.

    total = base + headroom + arriving (messages) + waiting (images as sent) + running (images that are read)

The base is what the process takes when it does nothing. Each use has a limit of its own, so that what waits can never
keep what is read from its memory. Where the kernel counts more than is reckoned here, the difference counts as held.
"""

import threading
from collections.abc import Callable
from enum import StrEnum

_HEADROOM_SHARE = 0.05
"""Of the total, for what nobody reckons with: buffers of connections, answers, page tables."""
_SMALL_SHARE = 1 / 64
_LARGE_SHARE = 7 / 8
"""Of what may wait, the part for images that are more than small themselves."""


class Use(StrEnum):
    """What bytes are held for."""

    ARRIVING = "arriving"
    WAITING = "waiting"
    RUNNING = "running"


_SHARES = {Use.ARRIVING: 1 / 8, Use.WAITING: 1 / 8, Use.RUNNING: 3 / 4}
"""Of what base and headroom leave."""


class Budget:
    """Thread-safe; bytes that were taken must be given back."""

    def __init__(self, total_bytes: int, base_bytes: int = 0) -> None:
        """Takes the most that the process may hold, and what it holds without an image."""
        self.total_bytes = int(total_bytes)
        self._base_bytes = base_bytes
        self._unaccounted_bytes = 0
        self._used = dict.fromkeys(Use, 0)
        self._lock = threading.Lock()
        self._wake: Callable[[], None] = lambda: None

    def when_released(self, wake: Callable[[], None]) -> None:
        """Has a function called whenever there may be more room."""
        self._wake = wake

    @property
    def base_bytes(self) -> int:
        """What the process holds without an image, as far as is known."""
        return self._base_bytes

    @property
    def unaccounted_bytes(self) -> int:
        """What the process holds beyond all that is reckoned, when it was last looked at."""
        return self._unaccounted_bytes

    def most_bytes(self, use: Use) -> int:
        """The limit of a use."""
        spare_bytes = max(0.0, self.total_bytes * (1 - _HEADROOM_SHARE) - self._base_bytes)
        return round(spare_bytes * _SHARES[use])

    @property
    def most_file_bytes(self) -> int:
        """The largest image that may ever wait."""
        return int(self.most_bytes(Use.WAITING) * _LARGE_SHARE)

    def used_bytes(self) -> dict[Use, int]:
        """What is held now, by use."""
        with self._lock:
            return dict(self._used)

    def fill(self) -> float:
        """The share (0–1, or more) of the total that is in use."""
        held = self._base_bytes + self._unaccounted_bytes + sum(self.used_bytes().values())
        return held / self.total_bytes

    def take(self, use: Use, size_bytes: int) -> bool:
        """Takes bytes if there is room; one alone always finds some, to arrive or to be read."""
        with self._lock:
            if fits := self._fits(use, size_bytes):
                self._used[use] += size_bytes
            return fits

    def _fits(self, use: Use, size_bytes: int) -> bool:
        used, most = self._used[use], self.most_bytes(use)
        if use is Use.WAITING:
            # It is there already. Large ones leave a share to the small, which would find no room beside a few of them.
            large = size_bytes > most * _SMALL_SHARE
            return used + size_bytes <= most * (_LARGE_SHARE if large else 1.0)
        others = sum(self._used.values()) if use is Use.ARRIVING else used
        if not others:
            return True
        held = self._base_bytes + self._unaccounted_bytes + sum(self._used.values())
        return (not used or used + size_bytes <= most) and held + size_bytes <= self.total_bytes * (1 - _HEADROOM_SHARE)

    def adjust(self, use: Use, size_bytes: int) -> None:
        """Takes bytes that are needed whether there is room or not, or, if negative, gives some back."""
        with self._lock:
            self._used[use] += size_bytes
        if size_bytes < 0:
            self._wake()

    def observe(self, *, base_bytes: int | None = None, unaccounted_bytes: int = 0) -> None:
        """Notes what the kernel counts.

        Args:
            base_bytes: what the process holds without an image; None leaves it as it is.
            unaccounted_bytes: what it holds beyond all that is reckoned.
        """
        with self._lock:
            self._base_bytes = self._base_bytes if base_bytes is None else base_bytes
            self._unaccounted_bytes = unaccounted_bytes
        self._wake()


class Hold:
    """What one image holds, from its admission until it is done with."""

    def __init__(self, budget: Budget, waiting_bytes: int) -> None:
        """Takes over bytes that were taken for waiting."""
        self._budget = budget
        self._held = {Use.WAITING: waiting_bytes, Use.RUNNING: 0}
        self._lock = threading.Lock()

    def start(self, running_bytes: int) -> bool:
        """Takes what reading the image needs, if there is room; a job that only stepped aside has it already."""
        if self._held[Use.RUNNING]:
            return True
        if not self._budget.take(Use.RUNNING, running_bytes):
            return False
        self._held[Use.RUNNING] += running_bytes
        return True

    @property
    def most_kept_bytes(self) -> int:
        """The most that what was read of a document may take until all of it is: half of what reading may."""
        return self._budget.most_bytes(Use.RUNNING) // 2

    def set(self, use: Use, size_bytes: int) -> None:
        """Holds that much from now on."""
        with self._lock:
            change = size_bytes - self._held[use]
            self._held[use] = size_bytes
        if change:
            self._budget.adjust(use, change)

    def close(self) -> None:
        """Gives everything back; may be called again."""
        for use in self._held:
            self.set(use, 0)
