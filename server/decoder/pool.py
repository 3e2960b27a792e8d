"""The pool of decoder processes: started on demand, and ended when idle or when they exceed limits.

There are at most as many processes as workers. A caller may use all but one, so that its slow files do not block other
callers. If all processes available to a stream are busy for others, a stream that has none displaces the file that has
taken longest, which is started again later. The first request of a document is soon followed by more, so its process is
reserved for a moment: otherwise each step would wait behind other long requests.
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
"""Idle time after which a process is ended."""
_KEPT_SECONDS = 0.3
"""How long a process is reserved after a request that is followed by more, and a place after a file was displaced."""
_ROOM_SECONDS = 0.05
"""How long a worker waits for a busy process."""
_NEW_SECONDS = 0.5
"""How long a request that found no process goes before files that have had their time."""
_MOST_GROWN_BYTES = 16 << 20
"""A process whose memory has grown by this much is ended."""


class DecoderPool:
    """The decoder processes of a server. Thread-safe."""

    def __init__(self, count: int, most_bytes: int, seconds: float, on_restart: Callable[[str], None]) -> None:
        """Takes the maximum number of processes, the memory limit of each, the time limit of a request, and a callback
        for replaced processes."""
        self.seconds = seconds
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
        """Sends a request to a process; None if none becomes available for this caller in a moment.

        The request runs for at least `fair_seconds` even if others wait. One that `gives_way` does not start while
        others wait for the first time.
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
            process.ask(request, data, patches, memory_bytes, self.seconds)
        except BaseException:
            self.end(decoding, Restart.CRASH)
            raise
        return decoding

    def has_room(self, caller: str, stream: str, *, gives_way: bool = False) -> bool:
        """Whether a process is available now, possibly by displacing a file that has had its time."""
        with self._changed:
            if self._goes_behind(caller, stream, gives_way=gives_way):
                return False
            return self._has_room(caller, stream) or bool(self._displaceable(caller, stream))

    def _has_room(self, caller: str, stream: str) -> bool:
        owners = self._others(caller, stream)
        own = len(self._of(caller)) + sum(owner[0] == caller for owner in owners)
        return len(self._busy) + len(owners) < self._count and own < self._most_of_one()

    def _goes_behind(self, caller: str, stream: str, *, gives_way: bool) -> bool:
        """Records a request; returns whether others go first."""
        now = time.monotonic()
        self._new = {asking: until for asking, until in self._new.items() if until > now}
        if not gives_way:
            self._new[caller, stream] = now + _NEW_SECONDS
            return False
        return any(asking[0] == caller or len(self._busy) >= self._count for asking in self._new)

    def _others(self, caller: str, stream: str) -> list[tuple[str, str]]:
        """Streams other than this one that processes are reserved for."""
        now = time.monotonic()
        self._promised = {owner: until for owner, until in self._promised.items() if until > now}
        promised = [owner for owner in self._promised if owner != (caller, stream)]
        return [*self._kept_for_others(caller, stream).values(), *promised]

    def _kept_for_others(self, caller: str, stream: str) -> dict[DecoderProcess, tuple[str, str]]:
        since = time.monotonic() - _KEPT_SECONDS
        kept = {process: self._kept.get(process) for process, idle_since in self._idle if idle_since > since}
        return {process: owner for process, owner in kept.items() if owner not in (None, (caller, stream))}

    def _idle_process(self, caller: str, stream: str) -> DecoderProcess | None:
        """An idle process that this stream may use, preferably its own."""
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
        """The oldest request that has had its time, if this stream has no process and none becomes free soon; else
        None."""
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
        """Ends processes that exceed the time limit or have been idle; called periodically, takes microseconds."""
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
        """Number of processes."""
        with self._changed:
            return len(self._busy) + len(self._idle)

    def resident_bytes(self) -> int:
        """Private memory of the processes."""
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
