"""Converts results to messages."""

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


def document_message(pages: Iterable[Page]) -> ocr_pb2.Document:
    """The pages of an image."""
    return ocr_pb2.Document(pages=map(page_message, pages))


def page_message(page: Page) -> ocr_pb2.Page:
    """A page or its error."""
    message = ocr_pb2.Page(
        index=page.index,
        width_pixels=page.width,
        height_pixels=page.height,
        lines=map(line_message, page.lines),
        text=page.text,
        reduction=page.reduction,
        partial=page.partial,
        embedded=page.is_embedded,
        rotation_degrees=page.rotation_degrees,
        enhancements=[_ENHANCEMENTS[done] for done in page.enhancements],
        tables=map(_table_message, page.tables),
        blocks=map(_block_message, page.blocks),
    )
    if page.error is not None:
        message.error.CopyFrom(status_message(expected(page.error)))
    return message


def line_message(line: Line) -> ocr_pb2.Line:
    """A line, with its characters if any."""
    return ocr_pb2.Line(
        polygon=_polygon(line.polygon),
        text=line.text,
        confidence=line.confidence,
        characters=map(_character_message, line.characters),
        direction=_DIRECTIONS[line.direction],
        row=line.row,
        paragraph=line.paragraph,
        min_confidence=line.min_confidence,
        reader=LINE_READERS[line.reader],
    )


def timings_message(timings: Timings) -> ocr_pb2.Timings:
    """The timings."""
    return ocr_pb2.Timings(
        queue_seconds=timings.queue_seconds,
        decode_seconds=timings.decode_seconds,
        detect_seconds=timings.detect_seconds,
        recognize_seconds=timings.recognize_seconds,
        total_seconds=timings.total_seconds,
    )


def _character_message(character: Character) -> ocr_pb2.Character:
    return ocr_pb2.Character(
        text=character.text,
        confidence=character.confidence,
        start=character.start,
        end=character.end,
        alternatives=[
            ocr_pb2.Alternative(text=other.text, confidence=other.confidence) for other in character.alternatives
        ],
    )


def _table_message(table: Table) -> ocr_pb2.Table:
    return ocr_pb2.Table(
        rows=table.rows,
        columns=table.columns,
        cells=map(_cell_message, table.cells),
        polygon=_polygon(table.polygon),
        kind=_TABLE_KINDS[table.kind],
        confidence=table.confidence,
    )


def _cell_message(cell: Cell) -> ocr_pb2.TableCell:
    return ocr_pb2.TableCell(
        row=cell.row,
        column=cell.column,
        row_span=cell.row_span,
        column_span=cell.column_span,
        polygon=_polygon(cell.polygon),
        text=cell.text,
        lines=cell.lines,
        confidence=cell.confidence,
    )


def _block_message(block: Block) -> ocr_pb2.Block:
    return ocr_pb2.Block(
        kind=_BLOCK_KINDS[block.kind], lines=block.lines, text=block.text, level=block.level, table=block.table
    )


def _polygon(polygon: Polygon) -> list[ocr_pb2.Point]:
    return [ocr_pb2.Point(x=x, y=y) for x, y in polygon]
