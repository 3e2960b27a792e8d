"""Turns to begin the read of a message: of how large it is, and how fast it comes, nothing is known before.

Between two looks at what has come, no more reads begin than there is room for all that they may bring: however late the
next look is, those that there are by then can be ended. Whose message has come has its turn back at once, and so have
those that a whole rest between two looks has shown something of, be it that nothing comes. Who has turns already leaves
as many to others.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

_SHOWN = 2
"""Looks after which a read has been there for a whole rest between two."""


@dataclass(eq=False, slots=True)
class Turn:
    """One caller's, to read one message."""

    caller: str
    looks: int = 0


class Turns:
    """Who waits is served in order, callers with the fewest turns first; one may always read."""

    def __init__(self, message_bytes: int, room_bytes: Callable[[], int]) -> None:
        """Takes how large a message may be, and what tells for how many bytes there is room now."""
        self._message_bytes = message_bytes
        self._room_bytes = room_bytes
        self._taken: dict[Turn, None] = {}
        self._waiting: dict[asyncio.Future[None], Turn] = {}

    @property
    def are_awaited(self) -> bool:
        """Whether somebody waits for one."""
        return bool(self._waiting)

    async def take(self, caller: str) -> Turn:
        """A turn, once there is one; it is given back with `give_back`."""
        turn = Turn(caller)
        if not self._waiting and self._fits(caller):
            self._taken[turn] = None
            return turn
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[granted] = turn
        self._serve()
        try:
            await granted
        except asyncio.CancelledError:
            self._waiting.pop(granted, None)
            self.give_back(turn)
            raise
        return turn

    def give_back(self, turn: Turn) -> None:
        """The message has come, or does not come any more."""
        self._taken.pop(turn, None)
        self._serve()

    def look(self) -> None:
        """What has come was looked at."""
        for turn in self._taken:
            turn.looks += 1
        self._taken = {turn: None for turn in self._taken if turn.looks < _SHOWN}
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            taken = Counter(turn.caller for turn in self._taken)
            granted = min(self._waiting, key=lambda one: taken[self._waiting[one].caller])
            turn = self._waiting[granted]
            # A caller that has been cancelled may still be in the list.
            if not granted.done():
                if not self._fits(turn.caller):
                    return
                self._taken[turn] = None
                granted.set_result(None)
            del self._waiting[granted]

    def _fits(self, caller: str) -> bool:
        left_to_others = sum(turn.caller == caller for turn in self._taken)
        count = len(self._taken) + 1 + left_to_others
        return not self._taken or count * self._message_bytes <= self._room_bytes()
