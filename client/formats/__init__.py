"""Output formats of `edgeocr read`; a new one is a Writer and an entry here.

A writer gets results one by one and keeps none, so that output flows while images are read; a PDF is
written once it is complete.
"""

from edgeocr.client.formats.alto import AltoWriter
from edgeocr.client.formats.csv_writer import CsvWriter
from edgeocr.client.formats.hocr import HocrWriter
from edgeocr.client.formats.json_writer import JsonLinesWriter, JsonWriter
from edgeocr.client.formats.markdown import MarkdownWriter
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
    "text": TextWriter,
}
_PDF = "pdf"
FORMATS = sorted([*_WRITERS, _PDF])
"""The names of all formats on the command line."""


def writer_of(name: str) -> type[Writer]:
    """The writer of a format.

    Raises:
        MissingExtra: it is PDF, which takes PDFium and OpenCV, and these are not installed.
    """
    if name == _PDF:
        writer: type[Writer] = load_extra("edgeocr.client.formats.pdf", "pdf", "--format pdf").PdfWriter
        return writer
    return _WRITERS[name]
