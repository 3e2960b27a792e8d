"""PDFium's documents on their way into files, and a look at the files afterwards."""

import ctypes
from typing import BinaryIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c


def save(document: pdfium.PdfDocument, output: BinaryIO) -> None:
    """Writes a document, without encryption.

    Raises:
        OSError: the output takes no more, or PDFium does not write.
    """
    failures: list[BaseException] = []

    def write(_: object, data: int, size: int) -> int:
        # An exception has no way through C, not even an interruption: it is raised afterwards.
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
        raise OSError("the document could not be made into a file")


def check(written: BinaryIO, pages: int) -> None:
    """Opens what was written.

    Raises:
        OSError: it is no PDF file of so many pages.
    """
    written.flush()
    written.seek(0)
    try:
        again = pdfium.PdfDocument(written)
    except pdfium.PdfiumError:
        raise OSError("the written file cannot be opened as a PDF") from None
    try:
        if len(again) != pages:
            raise OSError(f"what was written has {len(again)} pages when it is opened again, rather than {pages}")
        again[pages - 1].close()
    except pdfium.PdfiumError:
        raise OSError("what was written has a page that cannot be opened again") from None
    finally:
        again.close()
