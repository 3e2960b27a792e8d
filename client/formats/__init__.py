"""Output formats of `edgeocr read`; a new one is a Writer and an entry here.

A writer gets results one by one and keeps none, so that output flows while images are read; a PDF is
written once it is complete, and so is a workbook.
"""

from edgeocr.client.formats.alto import AltoWriter
from edgeocr.client.formats.csv_writer import CsvWriter
from edgeocr.client.formats.hocr import HocrWriter
from edgeocr.client.formats.json_writer import JsonLinesWriter, JsonWriter
from edgeocr.client.formats.markdown import MarkdownWriter
from edgeocr.client.formats.tables_csv import TablesCsvWriter
from edgeocr.client.formats.text import TextWriter
from edgeocr.client.formats.writer import PdfSettings, Settings, Writer
from edgeocr.extras import load_extra

__all__ = ["FORMATS", "PdfSettings", "Settings", "Writer", "writer_of"]

_WRITERS: dict[str, type[Writer]] = {
    "alto": AltoWriter,
    "csv": CsvWriter,
    "hocr": HocrWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "markdown": MarkdownWriter,
    "tables-csv": TablesCsvWriter,
    "text": TextWriter,
}
_PDF, _XLSX = "pdf", "xlsx"
FORMATS = sorted([*_WRITERS, _PDF, _XLSX])
"""The names of all formats on the command line."""


def writer_of(name: str) -> type[Writer]:
    """The writer of a format.

    Raises:
        MissingExtra: it is PDF, which takes PDFium and OpenCV, or XLSX, which takes XlsxWriter, and that is not
            installed.
    """
    if name == _XLSX:
        workbook: type[Writer] = load_extra("edgeocr.client.formats.xlsx", "xlsx", "--format xlsx").XlsxWriter
        return workbook
    if name == _PDF:
        writer: type[Writer] = load_extra("edgeocr.client.formats.pdf", "pdf", "--format pdf").PdfWriter
        return writer
    return _WRITERS[name]
