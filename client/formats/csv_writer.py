"""Results as CSV (RFC 4180): a row for every line."""

import csv
from typing import ClassVar, TextIO

from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.printable import printable
from edgeocr.client.streaming.results import ImageResult
from edgeocr.results.tables import cell_text

_HEAD = ("file", "page", "line", "confidence", "min_confidence", "polygon", "text")


class CsvWriter(Writer):
    """Writes a header and a row for each line; pages and lines count from 1, a polygon is "x,y x,y x,y x,y" in
    pixels."""

    suffix: ClassVar[str] = ".csv"

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._formulas = settings.formulas
        self._csv = csv.writer(output, lineterminator="\n")
        self._csv.writerow(_HEAD)

    def write(self, result: ImageResult[str]) -> None:
        """Writes the lines; skips errors."""
        if result.document is None:
            return
        for page in result.document.pages:
            for number, line in enumerate(page.lines, 1):
                polygon = " ".join(f"{x:.1f},{y:.1f}" for x, y in line.polygon)
                # The csv module does not quote a carriage return if rows end with a newline, yet some readers end the
                # row there.
                name, text = (printable(cell_text(cell, formulas=self._formulas)) for cell in (result.key, line.text))
                confidences = (f"{line.confidence:.4f}", f"{line.min_confidence:.4f}")
                self._csv.writerow((name, page.index + 1, number, *confidences, polygon, text))
        self._output.flush()
