"""What the pipeline yields: the texts of lines, and events."""

import math
from dataclasses import dataclass

from edgeocr.results.document import (
    Alternative,
    Block,
    BlockKind,
    Cell,
    Character,
    Direction,
    Line,
    LineReader,
    Page,
    Point,
    Polygon,
    Table,
    TableKind,
)

__all__ = [
    "Alternative",
    "Block",
    "BlockKind",
    "Cell",
    "Character",
    "Direction",
    "Line",
    "LineRead",
    "LineReader",
    "Page",
    "PageRead",
    "Point",
    "Polygon",
    "ReadText",
    "Table",
    "TableKind",
]


@dataclass(frozen=True, slots=True)
class ReadText:
    """The text of one line crop, with the mean confidence (0–1) of its characters; empty if nothing was read.

    `reader` is the recogniser that read it.
    """

    text: str
    confidence: float
    characters: tuple[Character, ...]
    reader: LineReader = LineReader.ACCURATE

    @property
    def probability(self) -> float:
        """How likely all of the text is right, 0–1: the product of its characters' confidences; 0 of nothing."""
        return math.prod(character.confidence for character in self.characters) if self.characters else 0.0

    @property
    def min_confidence(self) -> float:
        """The confidence, 0–1, of its most doubtful character; 0 of nothing."""
        return min((character.confidence for character in self.characters), default=0.0)


@dataclass(frozen=True, slots=True)
class LineRead:
    """Event: a line was read. `line_index` counts the page's detected lines in reading order."""

    page_index: int
    line_index: int
    line: Line


@dataclass(frozen=True, slots=True)
class PageRead:
    """Event: a page is complete, one of so many of its document that are to be read."""

    page: Page
    page_count: int = 1
