"""Results of the pipeline: texts of lines, and events."""

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
    """The text of a line crop, with the mean confidence (0–1) of its characters; empty if nothing was read.

    `reader` is the recogniser that read it.
    """

    text: str
    confidence: float
    characters: tuple[Character, ...]
    reader: LineReader = LineReader.ACCURATE

    @property
    def probability(self) -> float:
        """The probability that all of the text is right, 0–1: the product of its characters' confidences; 0 if
        empty."""
        return math.prod(character.confidence for character in self.characters) if self.characters else 0.0

    @property
    def min_confidence(self) -> float:
        """The lowest confidence of a character, 0–1; 0 if empty."""
        return min((character.confidence for character in self.characters), default=0.0)


@dataclass(frozen=True, slots=True)
class LineRead:
    """Event: a line was read. `line_index` counts the page's detected lines in reading order."""

    page_index: int
    line_index: int
    line: Line


@dataclass(frozen=True, slots=True)
class PageRead:
    """Event: a page is complete, one of the document's `page_count` requested pages."""

    page: Page
    page_count: int = 1
