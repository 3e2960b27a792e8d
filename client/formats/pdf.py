"""Results as one searchable PDF: every page as it was sent, and over it its text, to be found and copied, but not seen.

The text is set in a font of one blank box, whose characters are told apart by codes alone; what each code means is in
the page's own table, so that any language is found.
"""

import ctypes
import io
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, ClassVar

import grpc
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.client.errors import OcrError
from edgeocr.client.formats.page_images import as_jpeg
from edgeocr.client.formats.pdf_file import save
from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.proto.edgeocr.v1 import ocr_pb2

_DOTS_PER_INCH = 200
"""Of images, as pages."""
_POINTS_PER_INCH = 72
_MARK, _MARK_WITHIN = b"%PDF-", 1024
_ADVANCE, _DESCENT = 0.5, 0.2
"""Of the font, as shares of its size; its box is as high as that."""

_Vector = tuple[float, float]


class PdfWriter(Writer):
    """Keeps the document until its end."""

    is_binary: ClassVar[bool] = True

    def __init__(self, output: BinaryIO, settings: Settings) -> None:
        """Takes the output."""
        self._output = output
        self._font = (files("edgeocr.client.formats") / "invisible.ttf").read_bytes()
        self._document = pdfium.PdfDocument.new()

    def write(self, result: ImageResult[str]) -> None:
        """Adds the pages, but for those that have errors; their file is read once more.

        Raises:
            OcrError: it is not there any more, or is encrypted.
        """
        if result.document is None:
            return
        try:
            data = Path(result.key).read_bytes()
        except OSError as error:
            raise OcrError(grpc.StatusCode.NOT_FOUND, f"{error.strerror}, which a PDF needs again") from None
        pages = [page for page in result.document.pages if not page.HasField("error")]
        add = self._add_pdf_pages if data.find(_MARK, 0, _MARK_WITHIN) >= 0 else self._add_images
        for added, page in zip(add(data, pages), pages, strict=True):
            if not page.embedded:
                self._add_text(added, page)
            added.close()

    def finish(self) -> None:
        """Writes the document, nothing if it has no page; opens it again where the output can be read."""
        pages = len(self._document)
        if pages:
            save(self._document, self._output)
            if self._output.readable() and self._output.seekable():
                _check(self._output, pages)
        self._document.close()

    def _add_pdf_pages(self, data: bytes, pages: Sequence[ocr_pb2.Page]) -> Iterator[pdfium.PdfPage]:
        try:
            source = pdfium.PdfDocument(data)
        except pdfium.PdfiumError:
            raise OcrError(
                grpc.StatusCode.FAILED_PRECONDITION, "a PDF that is encrypted cannot be made into another"
            ) from None
        try:
            for page in pages:
                self._document.import_pages(source, [page.index])
                yield self._document[len(self._document) - 1]
        finally:
            source.close()

    def _add_images(self, data: bytes, pages: Sequence[ocr_pb2.Page]) -> Iterator[pdfium.PdfPage]:
        for page in pages:
            jpeg = as_jpeg(data, page.index, page.width_pixels, page.height_pixels)
            width, height = (
                pixels * _POINTS_PER_INCH / _DOTS_PER_INCH for pixels in (page.width_pixels, page.height_pixels)
            )
            added = self._document.new_page(width, height)
            image = pdfium.PdfImage.new(self._document)
            image.load_jpeg(io.BytesIO(jpeg), inline=True)
            image.set_matrix(pdfium.PdfMatrix().scale(width, height))
            added.insert_obj(image)
            added.gen_content()
            yield added

    def _add_text(self, added: pdfium.PdfPage, page: ocr_pb2.Page) -> None:
        codes = {
            character: code for code, character in enumerate(sorted({*"".join(line.text for line in page.lines)}), 1)
        }
        if not codes:
            return
        # Every code is drawn as the font's second glyph, its box.
        glyphs = _array(b"\0\0" + b"\0\1" * len(codes))
        font = _array(self._font)
        handle = pdfium_c.FPDFText_LoadCidType2Font(
            self._document, font, len(font), _code_map(codes), glyphs, len(glyphs)
        )
        for line in page.lines:
            text = pdfium_c.FPDFPageObj_CreateTextObj(self._document, handle, 1.0)
            units = [codes[character] for character in line.text]
            pdfium_c.FPDFText_SetCharcodes(text, (ctypes.c_uint32 * len(units))(*units), len(units))
            pdfium_c.FPDFTextObj_SetTextRenderMode(text, pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)
            corners = [_in_page(added, page, point) for point in line.polygon]
            pdfium_c.FPDFPageObj_Transform(text, *_matrix(corners, len(units), line.direction))
            pdfium_c.FPDFPage_InsertObject(added, text)
        added.gen_content()
        pdfium_c.FPDFFont_Close(handle)


def _check(written: BinaryIO, pages: int) -> None:
    """Raises OSError if what was written is no PDF file of so many pages."""
    written.flush()
    written.seek(0)
    try:
        again = pdfium.PdfDocument(written)
    except pdfium.PdfiumError:
        raise OSError("what was written is no PDF file when it is opened again") from None
    try:
        if len(again) != pages:
            raise OSError(f"what was written has {len(again)} pages when it is opened again, rather than {pages}")
        again[pages - 1].close()
    except pdfium.PdfiumError:
        raise OSError("what was written has a page that cannot be opened again") from None
    finally:
        again.close()


def _array(data: bytes) -> "ctypes.Array[ctypes.c_uint8]":
    return (ctypes.c_uint8 * len(data)).from_buffer_copy(data)


def _in_page(added: pdfium.PdfPage, page: ocr_pb2.Page, point: ocr_pb2.Point) -> _Vector:
    """Where a pixel of the page as displayed lies in the page's own space, in points, upwards."""
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDF_DeviceToPage(
        added, 0, 0, page.width_pixels, page.height_pixels, 0, round(point.x), round(point.y), x, y
    )
    return x.value, y.value


def _matrix(corners: Sequence[_Vector], count: int, direction: int) -> tuple[float, float, float, float, float, float]:
    """What puts so many characters, of size 1, into a line's polygon."""
    first, second, third, fourth = corners
    if direction == ocr_pb2.DIRECTION_VERTICAL:
        # As text that lies on its side: its foot is on the left.
        first, second, third, fourth = second, third, fourth, first
    along = (third[0] - fourth[0]) / (_ADVANCE * count), (third[1] - fourth[1]) / (_ADVANCE * count)
    up = first[0] - fourth[0], first[1] - fourth[1]
    return (*along, *up, fourth[0] + _DESCENT * up[0], fourth[1] + _DESCENT * up[1])


def _code_map(codes: dict[str, int]) -> bytes:
    """What codes mean: a ToUnicode CMap (ISO 32000-1, 9.10.3), a hundred entries a block at most."""
    entries = [f"<{code:04X}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()]
    blocks = [entries[begin : begin + 100] for begin in range(0, len(entries), 100)]
    rows = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        *(row for block in blocks for row in (f"{len(block)} beginbfchar", *block, "endbfchar")),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(rows).encode("ascii")
