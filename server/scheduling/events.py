"""Events of a job: lines, pages, previews and its end, with estimates of their memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.results import Line, LineRead, Page, PageRead
from edgeocr.results.document import Timings
from edgeocr.server.memory.previews import PageDrawn

_LINE_BYTES, _CHARACTER_BYTES, _CELL_BYTES = 1024, 256, 1024
"""Estimated memory of a line, a character and a table's cell."""
_BLOCK_BYTES, _LETTER_BYTES = 512, 8
"""Estimated memory of a block, and of each letter of its text."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a job: its pages, or the error for the client."""

    pages: tuple[Page, ...]
    error: EdgeOcrError | None
    timings: Timings


def answer_bytes(pages: Sequence[Page]) -> int:
    """Estimated memory of an answer's pages, or of its error."""
    lines = [line for page in pages for line in page.lines]
    cells = sum(len(table.cells) for page in pages for table in page.tables)
    blocks = [block for page in pages for block in page.blocks]
    letters = sum(len(block.text) for block in blocks)
    return (
        _LINE_BYTES * (max(1, len(pages)) + len(lines))
        + _CHARACTER_BYTES * sum(map(_characters, lines))
        + _CELL_BYTES * cells
        + _BLOCK_BYTES * len(blocks)
        + _LETTER_BYTES * letters
    )


def _characters(line: Line) -> int:
    """The number of characters and alternatives of a line."""
    return len(line.characters) + sum(len(character.alternatives) for character in line.characters)


Event = PageDrawn | LineRead | PageRead | Finished


def event_bytes(event: Event) -> int:
    """Estimated memory of an event until it is sent; previews are accounted for where they are drawn."""
    match event:
        case LineRead():
            return _LINE_BYTES + _CHARACTER_BYTES * _characters(event.line)
        case PageRead():
            return answer_bytes([event.page])
        case Finished():
            return answer_bytes(event.pages)
        case _:
            return 0


class Deliver(Protocol):
    """Receives events in order, from any thread."""

    def __call__(self, *events: Event) -> None:
        """Receives events that occurred together."""
