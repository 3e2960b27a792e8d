"""What was read of a document and delivered, and is not yet on its way to its caller."""

import threading
from collections.abc import Iterable

from edgeocr.model.results import LineRead, PageRead

MOST_LINES = 1024
"""Above this number no further page is started, so a slow reader has at most these lines and one page waiting."""


class Backlog:
    """Counts lines; those of a page that is delivered whole as well. Thread-safe."""

    def __init__(self) -> None:
        self._lines = 0
        self._counting = threading.Lock()

    def add(self, events: Iterable[object]) -> None:
        """Events are delivered."""
        self._count(sum(map(_lines_of, events)))

    def take(self, event: object) -> None:
        """One of them was sent."""
        self._count(-_lines_of(event))

    def is_long(self) -> bool:
        """Whether the document is to wait for its caller."""
        return self._lines > MOST_LINES

    def _count(self, lines: int) -> None:
        with self._counting:
            self._lines += lines


def _lines_of(event: object) -> int:
    if isinstance(event, PageRead):
        return 1 + len(event.page.lines)
    return int(isinstance(event, LineRead))
