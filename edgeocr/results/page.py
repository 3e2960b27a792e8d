"""A page of the result, and what was done to it."""

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
        """The page as plain text, see `edgeocr.results.plain_text`."""
        return plain_text(self.lines, self.tables)
