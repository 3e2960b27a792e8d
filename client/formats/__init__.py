"""Output formats of `edgeocr read`; a new one is a Writer and an entry here.

Writers take results one by one and write them at once, so that output appears while images are read; only PDF files and
workbooks are written at the end.
"""

from edgeocr.client.formats.writer import ExistingText, PdfSettings, Settings, Writer
from edgeocr.extras import load_extra

__all__ = ["FORMATS", "ExistingText", "PdfSettings", "Settings", "Writer", "writer_of"]

_WRITERS = {
    "alto": ("alto", "AltoWriter"),
    "csv": ("csv_writer", "CsvWriter"),
    "hocr": ("hocr", "HocrWriter"),
    "json": ("json_writer", "JsonWriter"),
    "jsonl": ("json_writer", "JsonLinesWriter"),
    "markdown": ("markdown", "MarkdownWriter"),
    "pdf": ("pdf", "PdfWriter"),
    "tables-csv": ("tables_csv", "TablesCsvWriter"),
    "text": ("text", "TextWriter"),
    "xlsx": ("xlsx", "XlsxWriter"),
}
"""Module and class of each format's writer; those of PDF and XLSX need the extras `pdf` and `xlsx`."""
FORMATS = sorted(_WRITERS)
"""The names of all formats on the command line."""


def writer_of(name: str) -> type[Writer]:
    """The writer class of a format.

    Raises:
        MissingExtra: PDFium and OpenCV for PDF, or XlsxWriter for XLSX, are not installed.
    """
    module, writer = _WRITERS[name]
    found: type[Writer] = getattr(load_extra(f"{__name__}.{module}", name, f"--format {name}"), writer)
    return found
