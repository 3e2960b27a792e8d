"""The decoder processes of a server: started when they are needed, ended when they are not, or do what they should not.

There are no more than workers. A caller may have all of them at work but one, so that files that take long keep nobody
else's from being opened. Where others have all that there are for somebody, a stream that has none takes the place of
the file that takes longest; that one is started again later. What a document is asked first is soon followed by more,
for which its process is kept a moment: else each of its steps would wait for somebody's long one.
"""

import threading
import time
from collections.abc import Callable

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.opening.decoder import Patches
from edgeocr.model.files.opening.requests import Request
from edgeocr.server.decoder.decoding import Decoding, Restart
from edgeocr.server.decoder.process import DecoderProcess

_IDLE_SECONDS = 60.0
"""A process that nobody needed for so long is ended."""
_KEPT_SECONDS = 0.3
"""For so long a process is nobody else's after a request that more follow, or its place after a file was displaced."""
_ROOM_SECONDS = 0.05
"""How long a worker waits for a process that others have."""
_NEW_SECONDS = 0.5
"""For so long whoever asked in vain, for the first time, goes before files that had their time already."""
_MOST_GROWN_BYTES = 16 << 20
"""A process that keeps so much more than it began with is ended."""


class DecoderPool:
    """Thread-safe."""

    def __init__(self, count: int, most_bytes: int, seconds: float, on_restart: Callable[[str], None]) -> None:
        """Takes how many processes there may be, what each may take in memory, whatever it is asked, how long a
        request may take, and what to call when a process is replaced."""
        self._seconds = seconds
        self._count = count
        self._most_bytes = most_bytes
        self._on_restart = on_restart
        self._idle: list[tuple[DecoderProcess, float]] = []
        self._kept: dict[DecoderProcess, tuple[str, str]] = {}
        self._promised: dict[tuple[str, str], float] = {}
        self._new: dict[tuple[str, str], float] = {}
        self._least_bytes: dict[DecoderProcess, int] = {}
        self._busy: list[Decoding] = []
        self._changed = threading.Condition(threading.RLock())
        self._closed = False

    @property
    def seconds(self) -> float:
        """How long a request may take."""
        return self._seconds

    def begin(
        self,
        caller: str,
        stream: str,
        request: Request,
        data: Contents,
        patches: Patches,
        memory_bytes: int,
        fair_seconds: float,
        *,
        gives_way: bool = False,
    ) -> Decoding | None:
        """Asks a process; None if this caller can have none in a moment.

        It is left at the request for `fair_seconds` at least, even if others wait. One that `gives_way` is not begun
        while others ask for the first time.
        """
        with self._changed:
            if self._goes_behind(caller, stream, gives_way=gives_way):
                return None
            if not self._changed.wait_for(lambda: self._has_room(caller, stream), _ROOM_SECONDS):
                for displaced in self._displaceable(caller, stream):
                    displaced.displace()
                    self._promised[caller, stream] = time.monotonic() + _KEPT_SECONDS
                return None
            self._promised.pop((caller, stream), None)
            self._new.pop((caller, stream), None)
            process = self._idle_process(caller, stream) or DecoderProcess(self._most_bytes)
            decoding = Decoding(self, process, (caller, stream), request, memory_bytes, fair_seconds)
            self._busy.append(decoding)
        try:
            process.ask(request, data, patches, memory_bytes, self._seconds)
        except BaseException:
            self.end(decoding, Restart.CRASH)
            raise
        return decoding

    def has_room(self, caller: str, stream: str, *, gives_way: bool = False) -> bool:
        """Whether a process may be had now, be it in the place of a file that has had its time."""
        with self._changed:
            if self._goes_behind(caller, stream, gives_way=gives_way):
                return False
            return self._has_room(caller, stream) or bool(self._displaceable(caller, stream))

    def _has_room(self, caller: str, stream: str) -> bool:
        owners = self._others(caller, stream)
        own = len(self._of(caller)) + sum(owner[0] == caller for owner in owners)
        return len(self._busy) + len(owners) < self._count and own < self._most_of_one()

    def _goes_behind(self, caller: str, stream: str, *, gives_way: bool) -> bool:
        """Notes that somebody asks; whether others go first."""
        now = time.monotonic()
        self._new = {asking: until for asking, until in self._new.items() if until > now}
        if not gives_way:
            self._new[caller, stream] = now + _NEW_SECONDS
            return False
        return any(asking[0] == caller or len(self._busy) >= self._count for asking in self._new)

    def _others(self, caller: str, stream: str) -> list[tuple[str, str]]:
        """Whom processes are kept for, and places promised to, but for this stream."""
        now = time.monotonic()
        self._promised = {owner: until for owner, until in self._promised.items() if until > now}
        promised = [owner for owner in self._promised if owner != (caller, stream)]
        return [*self._kept_for_others(caller, stream).values(), *promised]

    def _kept_for_others(self, caller: str, stream: str) -> dict[DecoderProcess, tuple[str, str]]:
        since = time.monotonic() - _KEPT_SECONDS
        kept = {process: self._kept.get(process) for process, idle_since in self._idle if idle_since > since}
        return {process: owner for process, owner in kept.items() if owner not in (None, (caller, stream))}

    def _idle_process(self, caller: str, stream: str) -> DecoderProcess | None:
        """One that this stream may have, its own first."""
        others = self._kept_for_others(caller, stream)
        free = [entry for entry in self._idle if entry[0] not in others]
        if not free:
            return None
        entry = max(free, key=lambda one: (self._kept.get(one[0]) == (caller, stream), one[1]))
        self._idle.remove(entry)
        self._kept.pop(entry[0], None)
        return entry[0]

    def _of(self, caller: str) -> list[Decoding]:
        return [decoding for decoding in self._busy if decoding.stream[0] == caller]

    def _most_of_one(self) -> int:
        return max(1, self._count - 1)

    def _displaceable(self, caller: str, stream: str) -> list[Decoding]:
        """The oldest request that has had its time, if this stream has none and no place is soon to be had; else
        nothing."""
        if any(decoding.stream == (caller, stream) for decoding in self._busy) or self._others(caller, stream):
            return []
        own = self._of(caller)
        others = own if len(own) >= self._most_of_one() else self._busy
        return [decoding for decoding in others if decoding.may_be_displaced()][:1]

    def take_back(self, decoding: Decoding, *, grown: bool) -> None:
        """A request is done; its process is not used again if it has grown."""
        process = decoding.process
        resident = process.resident_bytes()
        grown = grown or resident > self._least_bytes.setdefault(process, resident) + _MOST_GROWN_BYTES
        if grown or self._closed:
            self.end(decoding, Restart.GROWN)
            return
        with self._changed:
            if decoding not in self._busy:
                return
            self._busy.remove(decoding)
            self._idle.append((process, time.monotonic()))
            if decoding.is_followed:
                self._kept[process] = decoding.stream
            self._changed.notify_all()

    def end(self, decoding: Decoding, reason: Restart) -> None:
        """A request is done, and its process ended."""
        with self._changed:
            if decoding not in self._busy:
                return
            self._busy.remove(decoding)
            self._least_bytes.pop(decoding.process, None)
            self._changed.notify_all()
        decoding.process.end()
        self._on_restart(reason)

    def look(self) -> None:
        """Ends processes that take too long or have been idle for a while; called periodically, takes microseconds."""
        with self._changed:
            busy = list(self._busy)
            until = time.monotonic() - _IDLE_SECONDS
            tired = [process for process, since in self._idle if since < until]
            self._idle = [(process, since) for process, since in self._idle if since >= until]
        for decoding in busy:
            decoding.end_if_late()
        for process in tired:
            self._least_bytes.pop(process, None)
            self._kept.pop(process, None)
            process.end()

    def count(self) -> int:
        """Processes that there are."""
        with self._changed:
            return len(self._busy) + len(self._idle)

    def resident_bytes(self) -> int:
        """Memory that the processes hold, without what they share."""
        with self._changed:
            processes = [*(decoding.process for decoding in self._busy), *(process for process, _ in self._idle)]
        return sum(process.resident_bytes() for process in processes)

    def close(self) -> None:
        """Ends all processes."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            busy = list(self._busy)
        for process, _ in idle:
            process.end()
        for decoding in busy:
            decoding.process.kill()
