"""Writes results into messages.

Messages are filled in place: one that is passed to another's constructor is serialized and parsed again.
"""

from collections.abc import Iterable

from edgeocr.model.errors import expected
from edgeocr.model.results import (
    Block,
    BlockKind,
    Cell,
    Character,
    Direction,
    Line,
    LineReader,
    Page,
    Polygon,
    Table,
    TableKind,
)
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import Enhancement, Timings
from edgeocr.server.grpc.messages.convert import status_message

_DIRECTIONS = {
    Direction.HORIZONTAL: ocr_pb2.DIRECTION_HORIZONTAL,
    Direction.VERTICAL: ocr_pb2.DIRECTION_VERTICAL,
}
LINE_READERS = {
    None: ocr_pb2.LINE_READER_UNSPECIFIED,
    LineReader.FAST: ocr_pb2.LINE_READER_FAST,
    LineReader.ACCURATE: ocr_pb2.LINE_READER_ACCURATE,
}
_ENHANCEMENTS = {
    Enhancement.CONTRAST: ocr_pb2.ENHANCEMENT_CONTRAST,
    Enhancement.SEALS: ocr_pb2.ENHANCEMENT_SEALS,
}
_TABLE_KINDS = {TableKind.RULED: ocr_pb2.TABLE_KIND_RULED, TableKind.ALIGNED: ocr_pb2.TABLE_KIND_ALIGNED}
_BLOCK_KINDS = {
    BlockKind.PARAGRAPH: ocr_pb2.BLOCK_KIND_PARAGRAPH,
    BlockKind.HEADING: ocr_pb2.BLOCK_KIND_HEADING,
    BlockKind.LIST_ITEM: ocr_pb2.BLOCK_KIND_LIST_ITEM,
    BlockKind.TABLE: ocr_pb2.BLOCK_KIND_TABLE,
    BlockKind.HEADER: ocr_pb2.BLOCK_KIND_HEADER,
    BlockKind.FOOTER: ocr_pb2.BLOCK_KIND_FOOTER,
    BlockKind.PAGE_NUMBER: ocr_pb2.BLOCK_KIND_PAGE_NUMBER,
    BlockKind.CAPTION: ocr_pb2.BLOCK_KIND_CAPTION,
}


def set_document(message: ocr_pb2.Document, pages: Iterable[Page]) -> None:
    """The pages of an image."""
    message.SetInParent()
    for page in pages:
        set_page(message.pages.add(), page)


def set_page(message: ocr_pb2.Page, page: Page) -> None:
    """A page or its error."""
    message.index = page.index
    message.width_pixels = page.width
    message.height_pixels = page.height
    for line in page.lines:
        set_line(message.lines.add(), line)
    message.text = page.text
    message.reduction = page.reduction
    message.partial = page.partial
    message.embedded = page.is_embedded
    message.rotation_degrees = page.rotation_degrees
    message.enhancements.extend(_ENHANCEMENTS[done] for done in page.enhancements)
    for table in page.tables:
        _set_table(message.tables.add(), table)
    for block in page.blocks:
        _set_block(message.blocks.add(), block)
    if page.error is not None:
        message.error.CopyFrom(status_message(expected(page.error)))


def set_line(message: ocr_pb2.Line, line: Line) -> None:
    """A line, with its characters if any."""
    _set_polygon(message, line.polygon)
    message.text = line.text
    message.confidence = line.confidence
    for character in line.characters:
        _set_character(message.characters.add(), character)
    message.direction = _DIRECTIONS[line.direction]
    message.row = line.row
    message.paragraph = line.paragraph
    message.min_confidence = line.min_confidence
    message.reader = LINE_READERS[line.reader]


def set_timings(message: ocr_pb2.Timings, timings: Timings) -> None:
    """The timings."""
    message.queue_seconds = timings.queue_seconds
    message.decode_seconds = timings.decode_seconds
    message.detect_seconds = timings.detect_seconds
    message.recognize_seconds = timings.recognize_seconds
    message.total_seconds = timings.total_seconds


def _set_character(message: ocr_pb2.Character, character: Character) -> None:
    message.text = character.text
    message.confidence = character.confidence
    message.start = character.start
    message.end = character.end
    for other in character.alternatives:
        message.alternatives.add(text=other.text, confidence=other.confidence)


def _set_table(message: ocr_pb2.Table, table: Table) -> None:
    message.rows = table.rows
    message.columns = table.columns
    for cell in table.cells:
        _set_cell(message.cells.add(), cell)
    _set_polygon(message, table.polygon)
    message.kind = _TABLE_KINDS[table.kind]
    message.confidence = table.confidence


def _set_cell(message: ocr_pb2.TableCell, cell: Cell) -> None:
    message.row = cell.row
    message.column = cell.column
    message.row_span = cell.row_span
    message.column_span = cell.column_span
    _set_polygon(message, cell.polygon)
    message.text = cell.text
    message.lines.extend(cell.lines)
    message.confidence = cell.confidence


def _set_block(message: ocr_pb2.Block, block: Block) -> None:
    message.kind = _BLOCK_KINDS[block.kind]
    message.lines.extend(block.lines)
    message.text = block.text
    message.level = block.level
    if block.table is not None:
        message.table = block.table


def _set_polygon(message: ocr_pb2.Line | ocr_pb2.Table | ocr_pb2.TableCell, polygon: Polygon) -> None:
    for x, y in polygon:
        # With arguments, `add` takes twice as long.
        point = message.polygon.add()
        point.x = x
        point.y = y
