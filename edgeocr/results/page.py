"""A page of the result."""

from dataclasses import dataclass
from enum import StrEnum

from edgeocr.errors import ReadingError
from edgeocr.results.elements import Block, Line, Table
from edgeocr.results.plain_text import plain_text


class Enhancement(StrEnum):
    """A change to a page's pixels before they are read."""

    CONTRAST = "contrast"
    SEALS = "seals"


@dataclass(frozen=True, slots=True)
class Page:
    """A page's lines in reading order.

    Attributes:
        index: index in the document, from 0.
        width, height: in pixels of the image as sent.
        lines: the lines that were read.
        reduction: factor by which the sides of the image were divided when it was decoded, for lack of memory.
        partial: whether time ran out before all lines were read.
        is_embedded: whether its lines are embedded text of the document, and nothing was recognized.
        error: why the page could not be read, while others of its document could; it then has no size.
        rotation_degrees: clockwise rotation of its text in the image as sent, above −180 to 180.
        enhancements: changes to its pixels before they were read.
        tables: the tables that were found.
        blocks: its lines by kind, in reading order; each line is in one block.
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
        """The page as plain text, see `edgeocr.results.plain_text`."""
        return plain_text(self.lines, self.tables)
