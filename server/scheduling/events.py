"""What a job produces: lines, pages, previews, and its end; and how many bytes each is taken to hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.results import Line, LineRead, Page, PageRead
from edgeocr.server.memory.previews import PageDrawn

_LINE_BYTES, _CHARACTER_BYTES, _CELL_BYTES = 1024, 256, 1024
"""What a line, a character and a table's cell are taken to hold until they are answered."""
_BLOCK_BYTES, _LETTER_BYTES = 512, 8
"""What a block holds, and each letter of its text, which is in the page's as well."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Where an image's time went, in seconds; the total runs from receipt, the others add up over workers."""

    queue_seconds: float = 0.0
    decode_seconds: float = 0.0
    detect_seconds: float = 0.0
    recognise_seconds: float = 0.0
    total_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a job: its pages, or the error that a client may see."""

    pages: tuple[Page, ...]
    error: EdgeOcrError | None
    timings: Timings


def answer_bytes(pages: Sequence[Page]) -> int:
    """What pages that were read, or the error that there is instead, are taken to hold until they are answered."""
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
    """Its characters and their alternatives."""
    return len(line.characters) + sum(len(character.alternatives) for character in line.characters)


Event = PageDrawn | LineRead | PageRead | Finished


def event_bytes(event: Event) -> int:
    """What an event is taken to hold until it is sent; previews are accounted for where they are drawn."""
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
    """Takes events, in their order, from any thread."""

    def __call__(self, *events: Event) -> None:
        """Takes those that came together."""
