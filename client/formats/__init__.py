"""Output formats of `edgeocr read`; a new one is a Writer and an entry here.

A writer gets results one by one and keeps none, so that output flows while images are read; a PDF is
written once it is complete, and so is a workbook.
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
"""The module and the class of each format's writer; those of PDF and XLSX need the extra of their name."""
FORMATS = sorted(_WRITERS)
"""The names of all formats on the command line."""


def writer_of(name: str) -> type[Writer]:
    """The writer of a format.

    Raises:
        MissingExtra: it is PDF, which takes PDFium and OpenCV, or XLSX, which takes XlsxWriter, and that is not
            installed.
    """
    module, writer = _WRITERS[name]
    found: type[Writer] = getattr(load_extra(f"{__name__}.{module}", name, f"--format {name}"), writer)
    return found
