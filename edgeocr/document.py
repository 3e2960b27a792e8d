"""The result of reading: plain, frozen values, the same from a server and from this process."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from edgeocr.errors import ReadingError

Point = tuple[float, float]
"""x and y in pixels of the image as sent, after its Exif or TIFF orientation."""

Polygon = tuple[Point, Point, Point, Point]
"""Corners in reading orientation: the text's top left, top right, bottom right, bottom left."""


class Direction(Enum):
    """The direction of a line's text in its polygon."""

    HORIZONTAL = auto()
    """From the first corner towards the second."""
    VERTICAL = auto()
    """From the first corner towards the fourth, one upright character below the other."""


class Enhancement(StrEnum):
    """A change to a page's pixels before they are read."""

    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Character:
    """One character; `start` and `end` are CTC estimates, as shares (0–1) of the line's length."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its polygon, its text, which is never empty, and the direction of that text.

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
    """A cell of a table.

    Attributes:
        row, column: its place, from 0.
        row_span, column_span: its size in rows and columns.
        polygon: its outline.
        lines: the places of its lines among those of the page.
        text: its lines, separated by newlines.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    polygon: Polygon
    lines: tuple[int, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page: its outline, its numbers of rows and columns, and its cells row by row."""

    polygon: Polygon
    rows: int
    columns: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines in reading order.

    Attributes:
        index: place in the document, from 0.
        width, height: in pixels of the image as sent.
        lines: those that were read.
        reduction: by how much the image's sides were divided when it was decoded, for lack of memory.
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
    error: ReadingError | None = None
    rotation_degrees: float = 0.0
    enhancements: tuple[Enhancement, ...] = ()
    tables: tuple[Table, ...] = ()

    @classmethod
    def failed(cls, index: int, error: ReadingError) -> "Page":
        """A page that could not be read."""
        return cls(index, 0, 0, (), error=error)

    def without_characters(self) -> "Page":
        """The page with lines that take a fraction of the memory."""
        return replace(self, lines=tuple(replace(line, characters=()) for line in self.lines))

    @property
    def text(self) -> str:
        """The page as plain text, see `plain_text`."""
        return plain_text(self.lines)


def plain_text(lines: Sequence[Line]) -> str:
    """Lines in reading order as text: newlines between rows, spaces within one, blank lines between paragraphs."""
    parts: list[str] = []
    for before, line in zip((None, *lines), lines, strict=False):
        if before is not None:
            is_new = line.paragraph != before.paragraph
            parts.append("\n\n" if is_new else "\n" if line.row != before.row else " ")
        parts.append(line.text)
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the server: waiting, decoding, detecting, recognizing, and from receipt to answer."""

    queue_seconds: float = 0.0
    decode_seconds: float = 0.0
    detect_seconds: float = 0.0
    recognize_seconds: float = 0.0
    total_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """The pages of one image or document.

    Attributes:
        pages: in the document's order; an image has one.
        timings: all 0 where no server read it.
    """

    pages: tuple[Page, ...]
    timings: Timings = Timings()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all pages, in reading order."""
        return tuple(line for page in self.pages for line in page.lines)

    @property
    def text(self) -> str:
        """The text of all pages that have some, blank lines between them."""
        return "\n\n".join(text for page in self.pages if (text := page.text))

    @property
    def partial(self) -> bool:
        """Whether time ran out before all lines were read."""
        return any(page.partial for page in self.pages)
