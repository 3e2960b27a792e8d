"""What reading yields: plain, frozen values without a trace of how they travel."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.options import Enhancement

Point = tuple[float, float]
"""x and y in pixels of the image as sent, after its Exif or TIFF orientation."""

Polygon = tuple[Point, Point, Point, Point]
"""Corners in reading orientation: the text's top left, top right, bottom right, bottom left."""


class Direction(Enum):
    """Which way a line's text runs, seen in its polygon."""

    HORIZONTAL = auto()
    """From the first corner towards the second."""
    VERTICAL = auto()
    """From the first corner towards the fourth, one upright character below the other."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character; `start` and `end` are CTC estimates, as shares (0–1) of the line's length."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class ReadText:
    """The text of one line crop, with the mean confidence (0–1) of its characters; empty if nothing was read."""

    text: str
    confidence: float
    characters: tuple[Character, ...]

    @property
    def probability(self) -> float:
        """How likely all of the text is right, 0–1: the product of its characters' confidences; 0 of nothing."""
        return math.prod(character.confidence for character in self.characters) if self.characters else 0.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: where it is, its text, which is never empty, and which way that runs.

    Lines that stand side by side share a `row`; rows make up a `paragraph`; both count along the page's reading order.
    """

    polygon: Polygon
    text: str
    confidence: float
    characters: tuple[Character, ...]
    row: int = 0
    paragraph: int = 0
    direction: Direction = Direction.HORIZONTAL


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its place, its size in rows and columns, where it is, and the places of its lines."""

    row: int
    column: int
    row_span: int
    column_span: int
    polygon: Polygon
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: where it is, of how many rows and columns, and its cells row by row."""

    polygon: Polygon
    rows: int
    columns: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines in reading order.

    Attributes:
        index: place in the document.
        width, height: in pixels of the image as sent.
        lines: those that were read.
        reduction: by how much the image's sides were divided when it was decoded, for want of memory.
        partial: whether time ran out before all lines were read.
        is_embedded: whether its lines are text that the document holds as such, and nothing was read.
        error: why the page could not be read, while others of its document could; it has no size then.
        rotation_degrees: by how much its text is turned clockwise in the image as sent, above −180 to 180.
        enhancements: what was done to its pixels before they were read.
        tables: those that are drawn with rulings.
    """

    index: int
    width: int
    height: int
    lines: tuple[Line, ...]
    reduction: int = 1
    partial: bool = False
    is_embedded: bool = False
    error: EdgeOcrError | None = None
    rotation_degrees: float = 0.0
    enhancements: tuple[Enhancement, ...] = ()
    tables: tuple[Table, ...] = ()

    def without_characters(self) -> "Page":
        """The page with lines that take a fraction of the memory."""
        return replace(self, lines=tuple(replace(line, characters=()) for line in self.lines))

    @property
    def text(self) -> str:
        """The page as plain text: its rows parted by newlines, pieces of one by spaces, paragraphs by blank lines."""
        return plain_text(self.lines)


def plain_text(lines: Sequence[Line]) -> str:
    """Lines in reading order as `Page.text` has them."""
    parts: list[str] = []
    for before, line in zip((None, *lines), lines, strict=False):
        if before is not None:
            is_new = line.paragraph != before.paragraph
            parts.append("\n\n" if is_new else "\n" if line.row != before.row else " ")
        parts.append(line.text)
    return "".join(parts)


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
