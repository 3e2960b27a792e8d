"""Results as JSON: one object a line, or one list."""

import json
from typing import Any, ClassVar, TextIO

from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.client.tables import table_html
from edgeocr.document import Direction, Line, Page, Polygon, Table
from edgeocr.errors import ReadingError

CONFIDENCE_DIGITS = 4
COORDINATE_DIGITS = 1


class JsonLinesWriter(Writer):
    """One JSON object a line for every image."""

    reports_errors: ClassVar[bool] = True

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object, and has it leave at once."""
        self._output.write(_dump(result) + "\n")
        self._output.flush()

    def finish(self) -> None:
        """Writes nothing."""


class JsonWriter(Writer):
    """One JSON list of the objects that JsonLinesWriter writes."""

    reports_errors: ClassVar[bool] = True

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._separator = "[\n"

    def write(self, result: ImageResult[str]) -> None:
        """Writes the object."""
        self._output.write(self._separator + _dump(result))
        self._separator = ",\n"

    def finish(self) -> None:
        """Closes the list, which may be empty."""
        self._output.write("[]\n" if self._separator == "[\n" else "\n]\n")


def result_object(result: ImageResult[str]) -> dict[str, Any]:
    """A result as JSON has it: sizes and coordinates in pixels of the image as sent, confidences 0 to 1."""
    if result.document is None:
        error = result.error
        assert error is not None
        return {"path": result.key, "error": _error_object(error)}
    return {"path": result.key, "pages": [_page_object(page) for page in result.document.pages]}


def _page_object(page: Page) -> dict[str, Any]:
    lines = [_line_object(line) for line in page.lines]
    found: dict[str, Any] = {"width": page.width, "height": page.height, "lines": lines}
    if page.index:
        found["index"] = page.index
    if page.is_embedded:
        found["embedded"] = True
    if page.error is not None:
        found["error"] = _error_object(page.error)
    if page.partial:
        found["partial"] = True
    if page.reduction > 1:
        found["reduction"] = page.reduction
    if page.rotation_degrees:
        found["rotation_degrees"] = round(page.rotation_degrees, COORDINATE_DIGITS)
    if page.enhancements:
        found["enhancements"] = [done.value for done in page.enhancements]
    if page.tables:
        found["tables"] = [_table_object(table) for table in page.tables]
    return found


def _table_object(table: Table) -> dict[str, Any]:
    cells = [
        {
            "row": cell.row,
            "column": cell.column,
            "row_span": cell.row_span,
            "column_span": cell.column_span,
            "text": cell.text,
            "lines": list(cell.lines),
            "polygon": _polygon_list(cell.polygon),
        }
        for cell in table.cells
    ]
    return {
        "rows": table.rows,
        "columns": table.columns,
        "polygon": _polygon_list(table.polygon),
        "cells": cells,
        "html": table_html(table),
    }


def _polygon_list(polygon: Polygon) -> list[list[float]]:
    return [[round(x, COORDINATE_DIGITS), round(y, COORDINATE_DIGITS)] for x, y in polygon]


def _line_object(line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "text": line.text,
        "confidence": round(line.confidence, CONFIDENCE_DIGITS),
        "polygon": _polygon_list(line.polygon),
        "row": line.row,
        "paragraph": line.paragraph,
    }
    if line.direction is Direction.VERTICAL:
        found["direction"] = "vertical"
    if line.characters:
        found["characters"] = [
            {
                "text": character.text,
                "confidence": round(character.confidence, CONFIDENCE_DIGITS),
                "start": round(character.start, CONFIDENCE_DIGITS),
                "end": round(character.end, CONFIDENCE_DIGITS),
            }
            for character in line.characters
        ]
    return found


def _error_object(error: ReadingError) -> dict[str, str]:
    return {"code": error.code_name, "message": error.message}


def _dump(result: ImageResult[str]) -> str:
    return json.dumps(result_object(result), ensure_ascii=False, allow_nan=False)
