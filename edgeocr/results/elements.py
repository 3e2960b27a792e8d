"""The elements of a page: lines and their characters, tables and their cells, blocks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

Point = tuple[float, float]
"""x and y in pixels of the image as sent, after its Exif or TIFF orientation."""

Polygon = tuple[Point, Point, Point, Point]
"""Corners in reading orientation: the text's top left, top right, bottom right, bottom left."""


def polygon_of(corners: Iterable[Iterable[float]]) -> Polygon:
    """Four corners as a polygon, such as the rows of a 4×2 array."""
    top_left, top_right, bottom_right, bottom_left = ((float(x), float(y)) for x, y in corners)
    return top_left, top_right, bottom_right, bottom_left


class Direction(Enum):
    """The direction of a line's text in its polygon."""

    HORIZONTAL = auto()
    """From the first corner towards the second."""
    VERTICAL = auto()
    """From the first corner towards the fourth, one upright character below the other."""


class LineReader(StrEnum):
    """The recogniser that read a line."""

    FAST = "fast"
    ACCURATE = "accurate"


@dataclass(frozen=True, slots=True)
class Alternative:
    """An alternative of a doubtful character, and its probability (0–1)."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Character:
    """One character; `start` and `end` are CTC estimates, as fractions (0–1) of the line's length.

    Doubtful characters have `alternatives` on request, the most likely first.
    """

    text: str
    confidence: float
    start: float
    end: float
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its polygon, its text, which is never empty, and the direction of its text.

    Lines side by side share a `row`, and the rows of a paragraph a `paragraph`; both are numbered in reading order.
    `confidence` is the probability that all of the text is right, `min_confidence` the confidence of its most doubtful
    character, both 0–1. `reader` is the recogniser that read it; None for embedded text of a document.
    """

    polygon: Polygon
    text: str
    confidence: float
    characters: tuple[Character, ...]
    row: int = 0
    paragraph: int = 0
    direction: Direction = Direction.HORIZONTAL
    min_confidence: float = 1.0
    reader: LineReader | None = None

    def reduced(self, *, characters: bool, alternatives: bool) -> "Line":
        """The line with or without its characters and their alternatives, which take most of its memory."""
        if not self.characters or (characters and alternatives):
            return self
        if not characters:
            return replace(self, characters=())
        return replace(self, characters=tuple(replace(one, alternatives=()) for one in self.characters))


class TableKind(StrEnum):
    """How the cells of a table are separated."""

    RULED = "ruled"
    """Ruling lines."""
    ALIGNED = "aligned"
    """Aligned columns of text."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        row, column: position, from 0.
        row_span, column_span: size in rows and columns.
        polygon: outline.
        lines: indices of its lines on the page.
        text: its lines, separated by newlines.
        confidence: probability that all of its text is right, 0–1; 1 for an empty cell.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    polygon: Polygon
    lines: tuple[int, ...]
    text: str = ""
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: its outline, its numbers of rows and columns, and its cells row by row.

    `confidence` (0–1) is the probability that it is a table; 1 for a table with rulings.
    """

    polygon: Polygon
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    kind: TableKind = TableKind.RULED
    confidence: float = 1.0


class BlockKind(StrEnum):
    """The kind of a block, by its position, its size and the beginning of its text."""

    PARAGRAPH = "paragraph"
    """Running text, and anything of no other kind."""
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE = "table"
    HEADER = "header"
    """Text in the margin above the page's text."""
    FOOTER = "footer"
    """Text in the margin below it."""
    PAGE_NUMBER = "page_number"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together.

    Attributes:
        kind: its kind.
        lines: indices of its lines on the page, in order.
        text: its lines joined, without hyphens within words and spaces between Han; a table has aligned columns.
        level: rank of a heading on the page, or depth of a list item, from 1; otherwise 0.
        table: index of a table on the page; otherwise None.
    """

    kind: BlockKind
    lines: tuple[int, ...]
    text: str
    level: int = 0
    table: int | None = None
