"""Processors for the server and others for the load, as where clients have machines of their own.

Making a load takes about as much processor time as serving it does; on the same processors the server would be
measured together with its clients.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sides:
    """The processors of the server, and those of the load generator; the same ones if there is only one."""

    server: frozenset[int]
    load: frozenset[int]

    @property
    def launcher(self) -> tuple[str, ...]:
        """A command that starts what comes after it on the server's processors."""
        return ("taskset", "--cpu-list", ",".join(map(str, sorted(self.server))))

    @property
    def workers(self) -> int:
        """How many threads read at a time on the server's side."""
        return len(self.server)


@contextmanager
def apart() -> Iterator[Sides]:
    """Splits the processors that this thread may use, and has it and the threads that it starts on the load's side."""
    usable = os.sched_getaffinity(0)
    sides = _split(sorted(usable))
    os.sched_setaffinity(0, sides.load)
    try:
        yield sides
    finally:
        os.sched_setaffinity(0, usable)


def _split(usable: Collection[int]) -> Sides:
    ordered = list(usable)
    half = max(1, len(ordered) // 2)
    return Sides(frozenset(ordered[:half]), frozenset(ordered[half:] or ordered))
