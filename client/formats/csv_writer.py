"""Results as CSV (RFC 4180): a row for every line."""

import csv
from typing import ClassVar, TextIO

from edgeocr.client.formats.writer import DocumentWriter, Settings
from edgeocr.client.printable import printable
from edgeocr.results.document import Document
from edgeocr.results.tables import cell_text

_HEAD = ("file", "page", "line", "confidence", "min_confidence", "polygon", "text")


class CsvWriter(DocumentWriter):
    """Writes a header and a row for each line; pages and lines count from 1, a polygon is "x,y x,y x,y x,y" in
    pixels."""

    suffix: ClassVar[str] = ".csv"

    def __init__(self, output: TextIO, settings: Settings) -> None:
        super().__init__(output, settings)
        self._csv = csv.writer(output, lineterminator="\n")
        self._csv.writerow(_HEAD)

    def _write_document(self, path: str, document: Document) -> None:
        for page in document.pages:
            for number, line in enumerate(page.lines, 1):
                polygon = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.polygon)
                # The csv module does not quote a carriage return if rows end with a newline, yet some readers end the
                # row there.
                name, text = (
                    printable(cell_text(cell, formulas=self._settings.formulas)) for cell in (path, line.text)
                )
                confidences = (f"{line.confidence:.4f}", f"{line.min_confidence:.4f}")
                self._csv.writerow((name, page.index + 1, number, *confidences, polygon, text))
        self._output.flush()
