"""The forms in which `edgeocr read` writes results; a new one is a Writer and an entry in WRITERS.

A writer gets results one by one and keeps none, so that output flows while images are read; but for PDF, the file of
which is written once it is whole.
"""

from edgeocr.client.formats.alto import AltoWriter
from edgeocr.client.formats.csv_writer import CsvWriter
from edgeocr.client.formats.hocr import HocrWriter
from edgeocr.client.formats.json_writer import JsonLinesWriter, JsonWriter
from edgeocr.client.formats.markdown import MarkdownWriter
from edgeocr.client.formats.pdf import PdfWriter
from edgeocr.client.formats.text import TextWriter
from edgeocr.client.formats.writer import PdfSettings, Settings, Writer

__all__ = ["WRITERS", "PdfSettings", "Settings", "Writer"]

WRITERS: dict[str, type[Writer]] = {
    "alto": AltoWriter,
    "csv": CsvWriter,
    "hocr": HocrWriter,
    "json": JsonWriter,
    "jsonl": JsonLinesWriter,
    "markdown": MarkdownWriter,
    "pdf": PdfWriter,
    "text": TextWriter,
}
"""Every format by the name that the command line knows it by."""
