"""Pages as JSON: sizes and coordinates in pixels of the image as sent, confidences 0 to 1.

All JSON output uses these objects, and adds errors in the form of its own callers.
"""

import sys
from typing import Literal, NotRequired, cast

from edgeocr.errors import ReadingError
from edgeocr.results.elements import Block, Cell, Character, Direction, Line, Polygon, Table
from edgeocr.results.page import Page
from edgeocr.results.tables import table_html

# Pydantic describes no others before Python 3.12.
if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict

_CONFIDENCE_DIGITS = 4
_COORDINATE_DIGITS = 1


class AlternativeObject(TypedDict):
    """An alternative of a doubtful character."""

    text: str
    confidence: float


class CharacterObject(TypedDict):
    """A character; `start` and `end` are estimates, as fractions of the line's length.

    Doubtful characters have `alternatives` on request, the most likely first.
    """

    text: str
    confidence: float
    start: float
    end: float
    alternatives: NotRequired[list[AlternativeObject]]


class LineObject(TypedDict):
    """A line; `polygon` has its corners as x and y, clockwise from the text's top left in reading orientation.

    `min_confidence` is that of its most doubtful character. Lines side by side share a `row`, and rows a `paragraph`.
    `reader` is the recogniser that read it.
    """

    text: str
    confidence: float
    min_confidence: float
    polygon: list[list[float]]
    row: int
    paragraph: int
    direction: NotRequired[Literal["vertical"]]
    reader: NotRequired[Literal["fast", "accurate"]]
    characters: NotRequired[list[CharacterObject]]


class CellObject(TypedDict):
    """A cell of a table: its position and size in rows and columns, its text, and the indices of its lines."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    confidence: float
    lines: list[int]
    polygon: list[list[float]]


class TableObject(TypedDict):
    """A table with its cells, row by row, and as an HTML element; `kind` is how its cells are separated."""

    kind: Literal["ruled", "aligned"]
    confidence: float
    rows: int
    columns: int
    polygon: list[list[float]]
    cells: list[CellObject]
    html: str


class BlockObject(TypedDict):
    """Lines that belong together, by their indices on the page, and their joined text.

    `level` is the rank of a heading or the depth of a list item, `table` the index of a table on the page.
    """

    kind: Literal["paragraph", "heading", "list_item", "table", "header", "footer", "page_number", "caption"]
    lines: list[int]
    text: str
    level: NotRequired[int]
    table: NotRequired[int]


class PageObject(TypedDict):
    """A page, `index` from 0; its lines and blocks are in reading order, and `text` is plain text.

    Other members are present only if they apply: whether its text is the document's own (`embedded`), whether time ran
    out (`partial`), the factor by which its sides were divided (`reduction`), the rotation of its text, changes to its
    pixels, and its tables.
    """

    index: int
    width: int
    height: int
    text: str
    lines: list[LineObject]
    blocks: list[BlockObject]
    embedded: NotRequired[bool]
    partial: NotRequired[bool]
    reduction: NotRequired[int]
    rotation_degrees: NotRequired[float]
    enhancements: NotRequired[list[str]]
    tables: NotRequired[list[TableObject]]


class ErrorObject(TypedDict):
    """An error: the name of the canonical code, and a message."""

    code: str
    message: str


class ReadPageObject(PageObject):
    """A page, or its error."""

    error: NotRequired[ErrorObject]


class DocumentObject(TypedDict):
    """All pages, and their text."""

    text: str
    pages: list[ReadPageObject]


def read_page_object(page: Page) -> ReadPageObject:
    """A page, with its error if it could not be read."""
    found = cast(ReadPageObject, page_object(page))
    if page.error is not None:
        found["error"] = error_object(page.error)
    return found


def error_object(error: ReadingError) -> ErrorObject:
    """An error."""
    return ErrorObject(code=error.code_name, message=error.message)


def page_object(page: Page) -> PageObject:
    """A page without its error."""
    found = PageObject(
        index=page.index,
        width=page.width,
        height=page.height,
        text=page.text,
        lines=[line_object(line) for line in page.lines],
        blocks=[_block_object(block) for block in page.blocks],
    )
    if page.is_embedded:
        found["embedded"] = True
    if page.partial:
        found["partial"] = True
    if page.reduction > 1:
        found["reduction"] = page.reduction
    if page.rotation_degrees:
        found["rotation_degrees"] = round(page.rotation_degrees, _COORDINATE_DIGITS)
    if page.enhancements:
        found["enhancements"] = [done.value for done in page.enhancements]
    if page.tables:
        found["tables"] = [_table_object(table) for table in page.tables]
    return found


def line_object(line: Line) -> LineObject:
    """A line, with its characters if any."""
    found = LineObject(
        text=line.text,
        confidence=_rounded(line.confidence),
        min_confidence=_rounded(line.min_confidence),
        polygon=_polygon(line.polygon),
        row=line.row,
        paragraph=line.paragraph,
    )
    if line.direction is Direction.VERTICAL:
        found["direction"] = "vertical"
    if line.reader is not None:
        found["reader"] = line.reader.value
    if line.characters:
        found["characters"] = [_character_object(character) for character in line.characters]
    return found


def _character_object(character: Character) -> CharacterObject:
    found = CharacterObject(
        text=character.text,
        confidence=_rounded(character.confidence),
        start=_rounded(character.start),
        end=_rounded(character.end),
    )
    if character.alternatives:
        found["alternatives"] = [
            AlternativeObject(text=other.text, confidence=_rounded(other.confidence))
            for other in character.alternatives
        ]
    return found


def _table_object(table: Table) -> TableObject:
    return TableObject(
        kind=table.kind.value,
        confidence=_rounded(table.confidence),
        rows=table.rows,
        columns=table.columns,
        polygon=_polygon(table.polygon),
        cells=[_cell_object(cell) for cell in table.cells],
        html=table_html(table),
    )


def _cell_object(cell: Cell) -> CellObject:
    return CellObject(
        row=cell.row,
        column=cell.column,
        row_span=cell.row_span,
        column_span=cell.column_span,
        text=cell.text,
        confidence=_rounded(cell.confidence),
        lines=list(cell.lines),
        polygon=_polygon(cell.polygon),
    )


def _block_object(block: Block) -> BlockObject:
    found = BlockObject(kind=block.kind.value, lines=list(block.lines), text=block.text)
    if block.level:
        found["level"] = block.level
    if block.table is not None:
        found["table"] = block.table
    return found


def _polygon(polygon: Polygon) -> list[list[float]]:
    return [[round(x, _COORDINATE_DIGITS), round(y, _COORDINATE_DIGITS)] for x, y in polygon]


def _rounded(confidence: float) -> float:
    return round(confidence, _CONFIDENCE_DIGITS)
