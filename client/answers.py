"""Validation of a server's answers, which are converted to plain values once, on receipt.

All other code relies on these values. A malformed answer becomes the error of its image; nothing of it reaches files or
terminals.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import fields

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.printable import printable, printable_lines
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.document import (
    Alternative,
    Block,
    BlockKind,
    Cell,
    Character,
    Direction,
    Document,
    Enhancement,
    Line,
    LineReader,
    Page,
    Polygon,
    Table,
    TableKind,
    Timings,
)
from edgeocr.results.elements import polygon_of

MOST_STREAM_IMAGES = 10_000
"""Upper bound for a server's Limits.stream_images."""
_CORNERS = 4
_MOST_CONFIDENCE = 1.001
"""Rounding may exceed 1 slightly."""
_MOST_PAGES = 100_000
_MOST_LEVEL = 100
_MOST_PIXELS = 1 << 31
_MOST_TABLE_FIELDS = 1_000_000
"""Maximum rows × columns: far more than a page has room for."""

_TABLE_KINDS = {ocr_pb2.TABLE_KIND_ALIGNED: TableKind.ALIGNED}
_BLOCK_KINDS = {
    ocr_pb2.BLOCK_KIND_PARAGRAPH: BlockKind.PARAGRAPH,
    ocr_pb2.BLOCK_KIND_HEADING: BlockKind.HEADING,
    ocr_pb2.BLOCK_KIND_LIST_ITEM: BlockKind.LIST_ITEM,
    ocr_pb2.BLOCK_KIND_TABLE: BlockKind.TABLE,
    ocr_pb2.BLOCK_KIND_HEADER: BlockKind.HEADER,
    ocr_pb2.BLOCK_KIND_FOOTER: BlockKind.FOOTER,
    ocr_pb2.BLOCK_KIND_PAGE_NUMBER: BlockKind.PAGE_NUMBER,
    ocr_pb2.BLOCK_KIND_CAPTION: BlockKind.CAPTION,
}

_LINE_READERS = {
    ocr_pb2.LINE_READER_FAST: LineReader.FAST,
    ocr_pb2.LINE_READER_ACCURATE: LineReader.ACCURATE,
}
"""Known readers; those of newer servers are left out."""

_ENHANCEMENTS = {
    ocr_pb2.ENHANCEMENT_CONTRAST: Enhancement.CONTRAST,
    ocr_pb2.ENHANCEMENT_SEALS: Enhancement.SEALS,
}
"""Known enhancements; those of newer servers are left out."""


def check_info(info: ocr_pb2.GetServerInfoResponse) -> ocr_pb2.GetServerInfoResponse:
    """Makes a server's description safe to display and clamps its limits.

    Raises:
        OcrError: INTERNAL, a limit is not a number.
    """
    info.version = printable(info.version)
    info.media_types[:] = map(printable, info.media_types)
    for model in info.models:
        model.name, model.sha256, model.licence = map(printable, (model.name, model.sha256, model.licence))
    numbers = (value for _, value in info.limits.ListFields())
    _check(all(math.isfinite(number) for number in numbers), "a limit")
    check_limits(info.limits)
    return info


def check_limits(limits: ocr_pb2.Limits) -> ocr_pb2.Limits:
    """Clamps the limits that the client follows."""
    limits.stream_images = min(limits.stream_images, MOST_STREAM_IMAGES)
    return limits


ReceivedPage = tuple[Page, ocr_pb2.Page]
"""A page, and the message it was made from."""


def document_of(message: ocr_pb2.Document, timings: ocr_pb2.Timings, before: Sequence[ReceivedPage] = ()) -> Document:
    """The document, including pages that were sent before it; invisible characters are removed from its texts.

    Raises:
        OcrError: INTERNAL, a page violates the contract.
    """
    received = [*before]
    for page in message.pages:
        received.append((next_page_of(page, received), page))
    if before:
        message = ocr_pb2.Document(pages=[page for _, page in received])
    return Document(tuple(page for page, _ in received), timings_of(timings), message)


def next_page_of(message: ocr_pb2.Page, before: Sequence[ReceivedPage]) -> Page:
    """The next page of a document, see `document_of`."""
    if before:
        _check(message.index > before[-1][0].index, "the order of pages")
    return page_of(message)


def timings_of(message: ocr_pb2.Timings) -> Timings:
    """The timings; all 0 if they are not numbers."""
    if not all(math.isfinite(value) for _, value in message.ListFields()):
        return Timings()
    return Timings(**{field.name: getattr(message, field.name) for field in fields(Timings)})


def page_of(message: ocr_pb2.Page) -> Page:
    """One page, see `document_of`."""
    _check(message.index < _MOST_PAGES, "the page's index")
    _check(max(message.width_pixels, message.height_pixels) < _MOST_PIXELS, "the page's size")
    _check_numbers([message.rotation_degrees], "the page's rotation")
    return Page(
        index=message.index,
        width=message.width_pixels,
        height=message.height_pixels,
        lines=tuple(map(line_of, message.lines)),
        reduction=message.reduction or 1,
        partial=message.partial,
        is_embedded=message.embedded,
        error=OcrError.from_status(message.error) if message.HasField("error") else None,
        rotation_degrees=message.rotation_degrees,
        enhancements=tuple(_ENHANCEMENTS[done] for done in message.enhancements if done in _ENHANCEMENTS),
        tables=tuple(_table_of(table, len(message.lines)) for table in message.tables),
        blocks=tuple(_block_of(block, message) for block in message.blocks),
    )


def line_of(message: ocr_pb2.Line) -> Line:
    """One line, see `document_of`."""
    _check(0 <= message.confidence <= _MOST_CONFIDENCE, "a line's confidence")
    _check(0 <= message.min_confidence <= _MOST_CONFIDENCE, "a line's least confidence")
    return Line(
        polygon=_polygon_of(message.polygon, "a line"),
        text=printable(message.text),
        confidence=message.confidence,
        characters=tuple(map(_character_of, message.characters)),
        row=message.row,
        paragraph=message.paragraph,
        direction=(Direction.VERTICAL if message.direction == ocr_pb2.DIRECTION_VERTICAL else Direction.HORIZONTAL),
        min_confidence=message.min_confidence,
        reader=_LINE_READERS.get(message.reader),
    )


def _character_of(message: ocr_pb2.Character) -> Character:
    _check(0 <= message.confidence <= _MOST_CONFIDENCE, "a character's confidence")
    _check_numbers((message.start, message.end), "a character's place")
    return Character(
        text=printable(message.text),
        confidence=message.confidence,
        start=message.start,
        end=message.end,
        alternatives=tuple(map(_alternative_of, message.alternatives)),
    )


def _alternative_of(message: ocr_pb2.Alternative) -> Alternative:
    _check(0 <= message.confidence <= _MOST_CONFIDENCE, "an alternative's confidence")
    return Alternative(printable(message.text), message.confidence)


def _table_of(message: ocr_pb2.Table, lines: int) -> Table:
    _check(0 < message.rows * message.columns <= _MOST_TABLE_FIELDS, "a table's size")
    _check(len(message.cells) <= message.rows * message.columns, "a table's number of cells")
    _check(0 <= message.confidence <= _MOST_CONFIDENCE, "a table's confidence")
    return Table(
        polygon=_polygon_of(message.polygon, "a table"),
        rows=message.rows,
        columns=message.columns,
        cells=tuple(_cell_of(cell, message, lines) for cell in message.cells),
        kind=_TABLE_KINDS.get(message.kind, TableKind.RULED),
        confidence=message.confidence,
    )


def _cell_of(message: ocr_pb2.TableCell, table: ocr_pb2.Table, lines: int) -> Cell:
    _check(
        message.row_span >= 1
        and message.column_span >= 1
        and message.row + message.row_span <= table.rows
        and message.column + message.column_span <= table.columns,
        "a cell's place in its table",
    )
    _check(all(place < lines for place in message.lines), "a cell's lines")
    _check(0 <= message.confidence <= _MOST_CONFIDENCE, "a cell's confidence")
    return Cell(
        row=message.row,
        column=message.column,
        row_span=message.row_span,
        column_span=message.column_span,
        polygon=_polygon_of(message.polygon, "a cell"),
        lines=tuple(message.lines),
        text=printable_lines(message.text),
        confidence=message.confidence,
    )


def _block_of(message: ocr_pb2.Block, page: ocr_pb2.Page) -> Block:
    _check(all(place < len(page.lines) for place in message.lines), "a block's lines")
    table = message.table if message.HasField("table") else None
    _check(table is None or table < len(page.tables), "a block's table")
    _check(message.level <= _MOST_LEVEL, "a block's level")
    return Block(
        # Kinds that only newer servers know count as running text.
        kind=_BLOCK_KINDS.get(message.kind, BlockKind.PARAGRAPH),
        lines=tuple(message.lines),
        text=printable_lines(message.text),
        level=message.level,
        table=table,
    )


def _polygon_of(points: Sequence[ocr_pb2.Point], whose: str) -> Polygon:
    _check(len(points) == _CORNERS, f"the number of corners of {whose}")
    _check_numbers((number for point in points for number in (point.x, point.y)), f"a corner of {whose}")
    return polygon_of((point.x, point.y) for point in points)


def _check_numbers(numbers: Iterable[float], what: str) -> None:
    _check(all(math.isfinite(number) and abs(number) < _MOST_PIXELS for number in numbers), what)


def _check(condition: bool, what: str) -> None:
    if not condition:
        raise OcrError(grpc.StatusCode.INTERNAL, f"the server's answer violates the contract: {what} is invalid")
