"""Tables of results as a workbook (Office Open XML): an index sheet, and a sheet for each table."""

import re
from typing import IO, Any, ClassVar

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from edgeocr.client.formats.writer import DocumentWriter, Settings
from edgeocr.results.document import Cell, Document, Table

_HEAD = ("sheet", "file", "page", "kind", "confidence")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.\d{1,9})?")
"""Matches unambiguous numbers: no codes with leading zeros, no decimal commas."""
_MOST_LETTERS = 32_767
"""Maximum length of a cell's text in the format."""
_MOST_DIGITS = 15
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


class XlsxWriter(DocumentWriter):
    """Writes a workbook at the end; cells are texts and numbers, never formulas."""

    suffix: ClassVar[str] = ".xlsx"
    is_binary: ClassVar[bool] = True

    def __init__(self, output: IO[Any], settings: Settings) -> None:
        super().__init__(output, settings)
        self._workbook = xlsxwriter.Workbook(output, _OPTIONS)
        self._list = self._workbook.add_worksheet("Tables")
        self._list.write_row(0, 0, _HEAD)
        self._wrapped = self._workbook.add_format({"text_wrap": True, "valign": "top"})
        self._count = 0

    def _write_document(self, path: str, document: Document) -> None:
        for page in document.pages:
            for table in page.tables:
                self._count += 1
                name = f"Table {self._count}"
                self._list.write_string(self._count, 0, name)
                self._list.write_string(self._count, 1, path[:_MOST_LETTERS])
                self._list.write_number(self._count, 2, page.index + 1)
                self._list.write_string(self._count, 3, table.kind.value)
                self._list.write_number(self._count, 4, round(table.confidence, 4))
                self._write_table(name, table)

    def _write_table(self, name: str, table: Table) -> None:
        sheet = self._workbook.add_worksheet(name)
        for cell in table.cells:
            if cell.row_span > 1 or cell.column_span > 1:
                last_row, last_column = cell.row + cell.row_span - 1, cell.column + cell.column_span - 1
                sheet.merge_range(cell.row, cell.column, last_row, last_column, "", self._wrapped)
            self._write_cell(sheet, cell)

    def _write_cell(self, sheet: Any, cell: Cell) -> None:
        if _NUMBER.fullmatch(cell.text) and sum(map(str.isdigit, cell.text)) <= _MOST_DIGITS:
            sheet.write_number(cell.row, cell.column, float(cell.text.replace(",", "")), self._wrapped)
        elif cell.text:
            sheet.write_string(cell.row, cell.column, cell.text[:_MOST_LETTERS], self._wrapped)

    def finish(self) -> None:
        """Writes the workbook.

        Raises:
            OSError: the output cannot be written.
        """
        try:
            self._workbook.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
