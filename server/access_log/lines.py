"""Writes JSON lines to a file descriptor on its own thread, so that logging never blocks.

Lines that cannot be written, because the descriptor's reader is slow or gone, are counted and dropped.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

_MOST_WAITING = 10_000
_GATHER_SECONDS = 0.05
"""Lines of this period are written together: waking a thread costs more than a line."""
_CLOSE_SECONDS = 1.0
_PIECE_BYTES = 4096
"""Maximum size of an atomic write to a pipe, which keeps lines of several writers apart."""


class LineWriter:
    """Writes lines in order."""

    def __init__(self, descriptor: int, lose: Callable[[int], None]) -> None:
        """Takes the descriptor, and a callback for the number of dropped lines."""
        self._descriptor = descriptor
        self._lose = lose
        self._waiting: deque[tuple[float, str]] = deque()
        self._arrived = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="access-log", daemon=True)
        self._thread.start()

    def write(self, members: str) -> None:
        """Queues a line, of which the time and these members of a JSON object are written."""
        if len(self._waiting) >= _MOST_WAITING:
            self._lose(1)
            return
        self._waiting.append((time.time(), members))
        if not self._arrived.is_set():
            self._arrived.set()

    def close(self) -> None:
        """Writes queued lines, within a time limit."""
        self._closing.set()
        self._arrived.set()
        self._thread.join(_CLOSE_SECONDS)

    def _work(self) -> None:
        while not self._closing.is_set():
            self._arrived.wait()
            self._closing.wait(_GATHER_SECONDS)
            self._arrived.clear()
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        piece, lines = bytearray(), 0
        while self._waiting:
            line = _line(*self._waiting.popleft())
            if piece and len(piece) + len(line) > _PIECE_BYTES:
                self._send(piece, lines)
                piece, lines = bytearray(), 0
            piece += line
            lines += 1
        if piece:
            self._send(piece, lines)

    def _send(self, piece: bytearray, lines: int) -> None:
        try:
            while piece:
                del piece[: os.write(self._descriptor, piece)]
        except OSError:
            self._lose(lines)


def _line(written: float, members: str) -> bytes:
    second, rest = divmod(written, 1.0)
    return f'{{"time": "{_second(int(second))}.{int(rest * 1000):03}Z", {members}}}\n'.encode()


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    """A second of UTC; lines are written in order, many for each."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
