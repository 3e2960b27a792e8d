"""Results as CSV (RFC 4180): a row for every line."""

import csv
from typing import TextIO

from edgeocr.client.formats.writer import Writer
from edgeocr.client.streaming.results import ImageResult

_HEAD = ("file", "page", "line", "confidence", "polygon", "text")


class CsvWriter(Writer):
    """Rows under a head; pages and lines count from 1, and a polygon is "x,y x,y x,y x,y" in pixels."""

    def __init__(self, output: TextIO, *, several: bool) -> None:
        """Takes the output, and writes the head."""
        self._output = output
        self._csv = csv.writer(output, lineterminator="\n")
        self._csv.writerow(_HEAD)

    def write(self, result: ImageResult[str]) -> None:
        """Writes the lines; nothing for an error."""
        if result.document is None:
            return
        for page in result.document.pages:
            for number, line in enumerate(page.lines, 1):
                polygon = " ".join(f"{point.x:.1f},{point.y:.1f}" for point in line.polygon)
                row = (result.key, page.index + 1, number, f"{line.confidence:.4f}", polygon, line.text)
                self._csv.writerow(row)
        self._output.flush()

    def finish(self) -> None:
        """Writes nothing."""
