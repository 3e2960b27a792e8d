"""Saves PDFium's documents to files, and verifies the files."""

import ctypes
from typing import BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c


def save(document: pdfium.PdfDocument, output: BinaryIO) -> None:
    """Writes a document without encryption.

    Raises:
        OSError: the output cannot be written, or PDFium fails.
    """
    failures: list[BaseException] = []

    def write(_: object, data: int, size: int) -> int:
        # Exceptions, KeyboardInterrupt included, cannot pass through C: they are raised afterwards.
        try:
            output.write(ctypes.string_at(data, size))
        except BaseException as error:
            failures.append(error)
        return not failures

    sink = pdfium_c.FPDF_FILEWRITE(version=1)
    sink.WriteBlock = type(sink.WriteBlock)(write)
    done = pdfium_c.FPDF_SaveAsCopy(document, sink, pdfium_c.FPDF_REMOVE_SECURITY)
    if failures:
        raise failures[0]
    if not done:
        raise OSError("PDFium could not write the document")


def check(written: BinaryIO, pages: int) -> None:
    """Verifies a written file.

    Raises:
        OSError: it is not a PDF file with this number of pages.
    """
    written.flush()
    written.seek(0)
    try:
        again = pdfium.PdfDocument(written)
    except pdfium.PdfiumError:
        raise OSError("the written file cannot be opened as a PDF") from None
    try:
        if len(again) != pages:
            raise OSError(f"the written file has {len(again)} pages instead of {pages}")
        again[pages - 1].close()
    except pdfium.PdfiumError:
        raise OSError("the written file has a page that cannot be opened") from None
    finally:
        again.close()
