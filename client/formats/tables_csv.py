"""Tables of results as CSV (RFC 4180): a row for every row of every table."""

import csv
from typing import ClassVar, TextIO

from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.printable import printable_lines
from edgeocr.client.streaming.results import ImageResult
from edgeocr.results.tables import cell_text, table_rows


class TablesCsvWriter(Writer):
    """Writes rows of file, page and table (both from 1) and cells; there is no header."""

    suffix: ClassVar[str] = ".tables.csv"

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._formulas = settings.formulas
        self._csv = csv.writer(output, lineterminator="\n")

    def write(self, result: ImageResult[str]) -> None:
        """Writes the tables; skips errors and pages without tables."""
        if result.document is None:
            return
        for page in result.document.pages:
            for number, table in enumerate(page.tables, 1):
                for row in table_rows(table):
                    self._csv.writerow([self._cell(result.key), page.index + 1, number, *map(self._cell, row)])
        self._output.flush()

    def _cell(self, text: str) -> str:
        return printable_lines(cell_text(text, formulas=self._formulas))
