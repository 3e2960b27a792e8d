"""What a server answers, checked once, on receipt: what comes after it trusts counts, places and numbers.

A server that is broken, or means harm, gives an error of its image, and nothing that goes on to files or terminals.
"""

import math
from collections.abc import Iterable

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.client.printable import printable, printable_lines
from edgeocr.proto.edgeocr.v1 import ocr_pb2

MOST_STREAM_IMAGES = 10_000
"""Most images in flight that a server may ask for."""
MOST_DOCUMENT_BYTES = 1 << 30
"""Most bytes of pages that are kept of one document until it is whole."""
_CORNERS = 4
_MOST_CONFIDENCE = 1.001
"""What is rounded may be a little more than 1."""
_MOST_PAGES = 100_000
_MOST_PIXELS = 1 << 31
_MOST_TABLE_FIELDS = 1_000_000
"""Rows × columns: far more than a page has room for."""


def check_info(info: ocr_pb2.GetServerInfoResponse) -> ocr_pb2.GetServerInfoResponse:
    """Makes a server's description such that it can be shown, and its limits such that a client can do as they say.

    Raises:
        OcrError: INTERNAL, a limit is no number.
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
    """Makes limits such that a client can do as they say."""
    limits.stream_images = min(limits.stream_images, MOST_STREAM_IMAGES)
    return limits


def check_document(document: ocr_pb2.Document) -> None:
    """Checks all pages, and takes out of their texts what nobody sees.

    Raises:
        OcrError: INTERNAL, a page is not as the contract has it.
    """
    for place in range(len(document.pages)):
        check_next_page(document.pages[place], document.pages[place - 1] if place else None)


def check_next_page(page: ocr_pb2.Page, before: ocr_pb2.Page | None) -> None:
    """Checks a page and whether it may come after another, see `check_document`."""
    if before is not None:
        _check(page.index > before.index, "the order of pages")
    check_page(page)


def check_timings(timings: ocr_pb2.Timings) -> None:
    """Forgets timings that are no numbers."""
    if not all(math.isfinite(value) for _, value in timings.ListFields()):
        timings.Clear()


def check_page(page: ocr_pb2.Page) -> None:
    """Checks one page, see `check_document`."""
    _check(page.index < _MOST_PAGES, "the page's index")
    _check(max(page.width_pixels, page.height_pixels) < _MOST_PIXELS, "the page's size")
    _check_numbers([page.rotation_degrees], "the page's rotation")
    page.text = printable_lines(page.text)
    for line in page.lines:
        check_line(line)
    for table in page.tables:
        _check_table(table, len(page.lines))


def check_line(line: ocr_pb2.Line) -> None:
    """Checks one line, see `check_document`."""
    line.text = printable(line.text)
    _check_polygon(line.polygon, "a line")
    _check(0 <= line.confidence <= _MOST_CONFIDENCE, "a line's confidence")
    for character in line.characters:
        character.text = printable(character.text)
        _check(0 <= character.confidence <= _MOST_CONFIDENCE, "a character's confidence")
        _check_numbers((character.start, character.end), "a character's place")


def _check_table(table: ocr_pb2.Table, lines: int) -> None:
    _check_polygon(table.polygon, "a table")
    _check(0 < table.rows * table.columns <= _MOST_TABLE_FIELDS, "a table's size")
    _check(len(table.cells) <= table.rows * table.columns, "a table's number of cells")
    for cell in table.cells:
        _check_polygon(cell.polygon, "a cell")
        _check(
            cell.row_span >= 1
            and cell.column_span >= 1
            and cell.row + cell.row_span <= table.rows
            and cell.column + cell.column_span <= table.columns,
            "a cell's place in its table",
        )
        _check(all(place < lines for place in cell.lines), "a cell's lines")
        cell.text = printable_lines(cell.text)


def _check_polygon(polygon: Iterable[ocr_pb2.Point], whose: str) -> None:
    numbers = [number for point in polygon for number in (point.x, point.y)]
    _check(len(numbers) == 2 * _CORNERS, f"the number of corners of {whose}")
    _check_numbers(numbers, f"a corner of {whose}")


def _check_numbers(numbers: Iterable[float], what: str) -> None:
    _check(all(math.isfinite(number) and abs(number) < _MOST_PIXELS for number in numbers), what)


def _check(condition: bool, what: str) -> None:
    if not condition:
        raise _malformed(f"{what} is wrong")


def _malformed(how: str) -> OcrError:
    return OcrError(grpc.StatusCode.INTERNAL, f"the server's answer is not as the contract has it: {how}")
