"""What a page consists of: lines and their characters, tables and their cells, blocks."""

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
    """Which of the two recognisers gave a line's text."""

    FAST = "fast"
    ACCURATE = "accurate"


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a doubtful character may be instead, and how likely that is (0–1)."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Character:
    """One character; `start` and `end` are CTC estimates, as shares (0–1) of the line's length.

    Doubtful ones have `alternatives`, likeliest first, where these were asked for.
    """

    text: str
    confidence: float
    start: float
    end: float
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its polygon, its text, which is never empty, and the direction of that text.

    Lines that stand side by side share a `row`; rows make up a `paragraph`; both count along the page's reading order.
    `confidence` is that all of the text is right, `min_confidence` that of its most doubtful character; both are 0–1.
    `reader` is the recogniser whose text it is; None of text that a document holds as such.
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
        """The line with its characters and their alternatives, or without: these take most of its memory."""
        if not self.characters or (characters and alternatives):
            return self
        if not characters:
            return replace(self, characters=())
        return replace(self, characters=tuple(replace(one, alternatives=()) for one in self.characters))


class TableKind(StrEnum):
    """What separates a table's cells."""

    RULED = "ruled"
    """Ruling lines."""
    ALIGNED = "aligned"
    """Columns of text that begin or end level with one another."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Attributes:
        row, column: its place, from 0.
        row_span, column_span: its size in rows and columns.
        polygon: its outline.
        lines: the places of its lines among those of the page.
        text: its lines, separated by newlines.
        confidence: that all of its text is right, 0–1; 1 of an empty cell.
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

    `confidence` (0–1) is that it is a table; 1 where rulings say so.
    """

    polygon: Polygon
    rows: int
    columns: int
    cells: tuple[Cell, ...]
    kind: TableKind = TableKind.RULED
    confidence: float = 1.0


class BlockKind(StrEnum):
    """What a block is, judged by its place, its size and how its text begins."""

    PARAGRAPH = "paragraph"
    """Running text, or whatever is nothing else."""
    HEADING = "heading"
    LIST_ITEM = "list_item"
    TABLE = "table"
    HEADER = "header"
    """What stands above a page's text, apart from it."""
    FOOTER = "footer"
    """What stands below it."""
    PAGE_NUMBER = "page_number"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together.

    Attributes:
        kind: what it is.
        lines: the places of its lines among those of the page, in order.
        text: its lines joined, with words whole that hyphens divide, and no spaces between Han; a table's is aligned.
        level: of a heading its rank on the page, of a list's item its depth, from 1; 0 of others.
        table: of a table its place among those of the page.
    """

    kind: BlockKind
    lines: tuple[int, ...]
    text: str
    level: int = 0
    table: int | None = None
