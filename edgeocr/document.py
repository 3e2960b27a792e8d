"""The result of reading: plain, frozen values, the same from a server and from this process."""

from dataclasses import dataclass
from enum import StrEnum

from edgeocr.elements import (
    Alternative,
    Block,
    BlockKind,
    Cell,
    Character,
    Direction,
    Line,
    Point,
    Polygon,
    Table,
    TableKind,
)
from edgeocr.errors import ReadingError
from edgeocr.plain_text import plain_text

__all__ = [
    "Alternative",
    "Block",
    "BlockKind",
    "Cell",
    "Character",
    "Direction",
    "Document",
    "Enhancement",
    "Line",
    "Page",
    "Point",
    "Polygon",
    "Table",
    "TableKind",
    "Timings",
]


class Enhancement(StrEnum):
    """A change to a page's pixels before they are read."""

    CONTRAST = "contrast"


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
        tables: those that were found.
        blocks: its lines by what they are, in reading order; each line is in one of them.
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
    blocks: tuple[Block, ...] = ()

    @classmethod
    def failed(cls, index: int, error: ReadingError) -> "Page":
        """A page that could not be read."""
        return cls(index, 0, 0, (), error=error)

    @property
    def text(self) -> str:
        """The page as plain text, see `edgeocr.plain_text`."""
        return plain_text(self.lines, self.tables)


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
