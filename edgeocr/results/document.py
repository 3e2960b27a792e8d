"""The result of reading: plain, frozen values, the same from a server and from this process."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from edgeocr.extras import load_extra
from edgeocr.results.elements import (
    Alternative,
    Block,
    BlockKind,
    Cell,
    Character,
    Direction,
    Line,
    LineReader,
    Point,
    Polygon,
    Table,
    TableKind,
)
from edgeocr.results.json_results import DocumentObject, read_page_object
from edgeocr.results.page import Enhancement, Page

if TYPE_CHECKING:
    import pandas

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
    "LineReader",
    "Page",
    "Point",
    "Polygon",
    "Table",
    "TableKind",
    "Timings",
]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds on the server: waiting, decoding, detecting, recognizing (sums over workers), and in total."""

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
        timings: all 0 if it was read in this process.
        message: the contract's Document (`edgeocr.proto.edgeocr.v1.ocr_pb2.Document`) that the pages were made from;
            None if it was read in this process.
    """

    pages: tuple[Page, ...]
    timings: Timings = Timings()
    message: object | None = field(default=None, repr=False, compare=False)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all pages, in reading order."""
        return tuple(line for page in self.pages for line in page.lines)

    @property
    def text(self) -> str:
        """The text of all pages with text, separated by blank lines."""
        return "\n\n".join(text for page in self.pages if (text := page.text))

    @property
    def partial(self) -> bool:
        """Whether time ran out before all lines were read."""
        return any(page.partial for page in self.pages)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of all pages."""
        return tuple(table for page in self.pages for table in page.tables)

    def to_dict(self) -> DocumentObject:
        """The document as plain values for `json.dumps`, with the names of REST and `--format json`."""
        return DocumentObject(text=self.text, pages=[read_page_object(page) for page in self.pages])

    def to_dataframe(self) -> "pandas.DataFrame":
        """A row for each line: page from 1, row, paragraph, text, confidences, and its upright bounding box in pixels.

        Raises:
            MissingExtra: an ImportError, `edgeocr[pandas]` is not installed.
        """
        made = load_extra("edgeocr.results.dataframe", "pandas", "Document.to_dataframe")
        frame: pandas.DataFrame = made.dataframe_of(self)
        return frame
