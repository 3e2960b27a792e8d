"""PDFium's documents on their way into files."""

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
