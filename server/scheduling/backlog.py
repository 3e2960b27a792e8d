"""The results of a document that have been delivered but not yet sent."""

import threading
from collections.abc import Iterable

from edgeocr.model.results import LineRead, PageRead

MOST_LINES = 1024
"""Above this number no further page is started, so that at most these lines and one page wait for a slow reader."""


class Backlog:
    """Counts unsent lines, including those of pages that are delivered as a whole. Thread-safe."""

    def __init__(self) -> None:
        self._lines = 0
        self._counting = threading.Lock()

    def add(self, events: Iterable[object]) -> None:
        """Adds delivered events."""
        self._count(sum(map(_lines_of, events)))

    def take(self, event: object) -> None:
        """Removes an event that was sent."""
        self._count(-_lines_of(event))

    def is_long(self) -> bool:
        """Whether the document must wait for its caller."""
        return self._lines > MOST_LINES

    def _count(self, lines: int) -> None:
        with self._counting:
            self._lines += lines


def _lines_of(event: object) -> int:
    if isinstance(event, PageRead):
        return 1 + len(event.page.lines)
    return int(isinstance(event, LineRead))
