"""Tables of results as CSV (RFC 4180): a row for every row of every table."""

import csv
from typing import ClassVar, TextIO

from edgeocr.client.formats.writer import DocumentWriter, Settings
from edgeocr.client.printable import printable_lines
from edgeocr.results.document import Document
from edgeocr.results.tables import cell_text, table_rows


class TablesCsvWriter(DocumentWriter):
    """Writes rows of file, page and table (both from 1) and cells; there is no header."""

    suffix: ClassVar[str] = ".tables.csv"

    def __init__(self, output: TextIO, settings: Settings) -> None:
        super().__init__(output, settings)
        self._csv = csv.writer(output, lineterminator="\n")

    def _write_document(self, path: str, document: Document) -> None:
        for page in document.pages:
            for number, table in enumerate(page.tables, 1):
                for row in table_rows(table):
                    self._csv.writerow([self._cell(path), page.index + 1, number, *map(self._cell, row)])
        self._output.flush()

    def _cell(self, text: str) -> str:
        return printable_lines(cell_text(text, formulas=self._settings.formulas))
