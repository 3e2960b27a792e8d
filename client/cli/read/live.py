"""The live view of `edgeocr read` on a terminal: lines of the current page as they are read, and the progress.

It is drawn below the output so far, and removed before anything else is written.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from edgeocr.characters import is_wide
from edgeocr.client.cli.read.page_count import PageCount
from edgeocr.client.streaming.results import LineEvent, PageEvent

_ROWS = 12
"""Maximum number of lines shown: the last ones in reading order."""
_LEAST_SECONDS = 0.05
"""Minimum time between two drawings."""
_FALLBACK_SIZE = os.terminal_size((80, 24))


class LiveView:
    """Draws on a terminal; its methods may be called from any thread."""

    def __init__(self, terminal: TextIO, images: int) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self._count = PageCount(images)
        self._page = ("", 0)
        self._lines: dict[int, str] = {}
        self._drawn = 0
        self._drawn_at = float("-inf")

    def line(self, path: str, event: LineEvent) -> None:
        """Shows a line."""
        with self._lock:
            if self._page != (path, event.page_index):
                self._page, self._lines = (path, event.page_index), {}
            self._lines[event.line_index] = event.line.text
            self._draw()

    def page(self, path: str, event: PageEvent) -> None:
        """Counts a page."""
        with self._lock:
            self._count.page(path, event)
            self._draw()

    def image(self, path: str) -> None:
        """Counts an image, with or without pages."""
        with self._lock:
            self._count.image(path)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Hides the view while the `with` block writes."""
        with self._lock:
            self._clear()
            yield

    def close(self) -> None:
        """Removes the view from the terminal."""
        with self._lock:
            self._clear()
            self._terminal.flush()

    def _clear(self) -> None:
        if self._drawn:
            self._terminal.write(f"\x1b[{self._drawn}A\r\x1b[J")
            self._terminal.flush()
        self._drawn = 0
        self._drawn_at = float("-inf")

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._drawn_at < _LEAST_SECONDS:
            return
        self._clear()
        size = self._size()
        path, index = self._page
        texts = [self._lines[place] for place in sorted(self._lines)]
        place = f"{path}, page {index + 1}: " if index else f"{path}: " if path else ""
        status = f"[{self._count.done}/{self._count.total} pages] {place}{len(texts)} lines"
        # A terminal scrolls at its last row, and rows that have scrolled cannot be removed.
        rows = [*texts[-max(1, min(_ROWS, size.lines - 2)) :], status]
        self._terminal.write("".join(f"{fitted(row, size.columns - 1)}\n" for row in rows))
        self._terminal.flush()
        self._drawn = len(rows)
        self._drawn_at = now

    def _size(self) -> os.terminal_size:
        try:
            size = os.get_terminal_size(self._terminal.fileno())
        except OSError:
            return _FALLBACK_SIZE
        return size if size.columns and size.lines else _FALLBACK_SIZE


def fitted(text: str, columns: int) -> str:
    """The text without control characters, cut to this number of columns."""
    shown, width = [], 0
    for character in text:
        if not character.isprintable():
            continue
        width += 2 if is_wide(character) else 1
        if width > columns:
            break
        shown.append(character)
    return "".join(shown)
