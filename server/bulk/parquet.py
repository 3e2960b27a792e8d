"""The output: a folder of Parquet files, each written atomically.

They also record progress: the next run reads the file names in them, and continues with the other files.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.fs import FileSelector, FileSystem, FileType

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.results import Block, Cell, Line, Page, Polygon, Table
from edgeocr.results.tables import table_html
from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.bulk.inputs import locate

_PREFIX, _SUFFIX = "part-", ".parquet"
_SETTINGS = "_settings.json"

_CELL = pa.struct(
    [
        *((name, pa.int32()) for name in ("row", "column", "row_span", "column_span")),
        ("text", pa.string()),
        ("confidence", pa.float32()),
        ("lines", pa.list_(pa.int32())),
        ("polygon", pa.list_(pa.float32(), 8)),
    ]
)
_TABLE = pa.struct(
    [
        ("kind", pa.string()),
        ("confidence", pa.float32()),
        ("rows", pa.int32()),
        ("columns", pa.int32()),
        ("polygon", pa.list_(pa.float32(), 8)),
        ("cells", pa.list_(_CELL)),
        ("html", pa.string()),
    ]
)
_BLOCK = pa.struct(
    [
        ("kind", pa.string()),
        ("lines", pa.list_(pa.int32())),
        ("text", pa.string()),
        ("level", pa.int32()),
        ("table", pa.int32()),
    ]
)
"""Tables and blocks as `edgeocr.results.json_results` has them, but for polygons, which are eight numbers."""

SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("page", pa.int32(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        pa.field("width", pa.int32(), nullable=False),
        pa.field("height", pa.int32(), nullable=False),
        pa.field("rotation_degrees", pa.float32(), nullable=False),
        pa.field(
            "lines",
            pa.list_(
                pa.struct(
                    [
                        ("text", pa.string()),
                        ("confidence", pa.float32()),
                        ("min_confidence", pa.float32()),
                        ("polygon", pa.list_(pa.float32(), 8)),
                        ("row", pa.int32()),
                        ("paragraph", pa.int32()),
                        ("direction", pa.string()),
                        ("reader", pa.string()),
                    ]
                )
            ),
            nullable=False,
        ),
        pa.field("tables", pa.list_(_TABLE), nullable=False),
        pa.field("blocks", pa.list_(_BLOCK), nullable=False),
        pa.field("error_code", pa.string()),
        pa.field("error", pa.string()),
    ]
)
"""One row for each page, in order; an unreadable file has one row, page 0, with its error."""


class Parts:
    """The output folder, on this machine or behind a URL."""

    def __init__(self, folder: str) -> None:
        """Raises BulkError if the URL is invalid or unsupported."""
        self._system: FileSystem
        self._system, self._path = locate(folder)

    def create(self) -> None:
        """Creates the folder if it does not exist; raises OSError on failure."""
        self._system.create_dir(self._path, recursive=True)

    def settle(self, settings: str) -> None:
        """Records the reading options, for runs that continue the work.

        Raises:
            BulkError: existing parts were read with other options.
        """
        path = f"{self._path}/{_SETTINGS}"
        if self._system.get_file_info(path).type is FileType.NotFound:
            with self._system.open_output_stream(path) as file:
                file.write(settings.encode())
            return
        with self._system.open_input_stream(path) as file:
            before = bytes(file.read()).decode()
        if before != settings:
            raise BulkError(f"{self._path}: holds files that were read with {before}, not with {settings}")

    def write(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes a part under a new name; it appears when it is complete."""
        name = f"{_PREFIX}{uuid.uuid4().hex}{_SUFFIX}"
        hidden = f"{self._path}/.{name}"
        pq.write_table(pa.Table.from_pylist(list(rows), SCHEMA), hidden, filesystem=self._system, compression="zstd")
        self._system.move(hidden, f"{self._path}/{name}")

    def done(self) -> set[str]:
        """Names of the files in all parts."""
        names: set[str] = set()
        for path in self._files():
            column = pq.read_table(path, columns=["path"], filesystem=self._system).column("path")
            names.update(column.unique().to_pylist())
        return names

    def _files(self) -> Iterator[str]:
        for file in self._system.get_file_info(FileSelector(self._path, allow_not_found=True)):
            name = file.base_name
            if file.type is FileType.File and name.startswith(_PREFIX) and name.endswith(_SUFFIX):
                yield file.path


def page_rows(path: str, pages: Iterable[Page]) -> list[dict[str, Any]]:
    """The rows of a file."""
    return [
        {
            "path": path,
            "page": page.index,
            "text": page.text,
            "width": page.width,
            "height": page.height,
            "rotation_degrees": page.rotation_degrees,
            **_contents(page),
            "error_code": None if page.error is None else page.error.code_name,
            "error": None if page.error is None else str(page.error),
        }
        for page in pages
    ]


def _contents(page: Page) -> dict[str, Any]:
    """Lines, tables and blocks, with unrounded coordinates and confidences."""
    return {
        "lines": [
            {**_fields(line), "polygon": _numbers(line.polygon), "direction": line.direction.name.lower()}
            for line in page.lines
        ],
        "tables": [
            {
                **_fields(table),
                "cells": [{**_fields(cell), "polygon": _numbers(cell.polygon)} for cell in table.cells],
                "polygon": _numbers(table.polygon),
                "html": table_html(table),
            }
            for table in page.tables
        ],
        "blocks": [_fields(block) for block in page.blocks],
    }


def _fields(element: Line | Table | Cell | Block) -> dict[str, Any]:
    """The fields by column name."""
    return {field.name: getattr(element, field.name) for field in fields(element)}


def _numbers(polygon: Polygon) -> list[float]:
    return [float(value) for point in polygon for value in point]


def error_row(path: str, error: EdgeOcrError) -> dict[str, Any]:
    """The row of an unreadable file."""
    (row,) = page_rows(path, [Page.failed(0, error)])
    return row
