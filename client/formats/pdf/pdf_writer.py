"""Results as one searchable PDF: every page as sent, under an invisible layer of its text."""

import io
import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import BinaryIO, ClassVar, cast

import grpc
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.client.errors import OcrError
from edgeocr.client.formats.pdf.density import stated_density
from edgeocr.client.formats.pdf.existing_text import covered, has_text, remove_unseen, text_boxes
from edgeocr.client.formats.pdf.language import Languages
from edgeocr.client.formats.pdf.metadata import describe
from edgeocr.client.formats.pdf.page_images import as_jpeg
from edgeocr.client.formats.pdf.saving import check, save
from edgeocr.client.formats.pdf.text_layer import Matrix, add_text, corners_in_page
from edgeocr.client.formats.writer import DocumentWriter, Settings
from edgeocr.results.document import Document, Line, Page
from edgeocr.sources import PDF_MARK, PDF_MARK_WITHIN

_DOTS_PER_INCH = 200.0
"""Pixels per inch of images that state no density."""
_POINTS_PER_INCH = 72
_MOST_POINTS = 14_400
"""Maximum of a page's side (ISO 32000-1, annex C.2)."""
_QUARTER = 90
_IN_MEMORY_BYTES = 1 << 26


class PdfWriter(DocumentWriter):
    """Builds the document in memory until its end."""

    suffix: ClassVar[str] = ".pdf"
    is_binary: ClassVar[bool] = True
    needs_files: ClassVar[bool] = True

    def __init__(self, output: BinaryIO, settings: Settings) -> None:
        super().__init__(output, settings)
        self._font = (files("edgeocr.client.formats.pdf") / "invisible.ttf").read_bytes()
        self._document = pdfium.PdfDocument.new()
        self._languages = Languages()
        self._remarks: list[str] = []

    def _write_document(self, path: str, document: Document) -> None:
        """Adds the pages: of images those that were read, of a PDF file all requested ones."""
        try:
            data = self._settings.source(path)
        except OSError as error:
            raise OcrError(grpc.StatusCode.NOT_FOUND, f"{error.strerror}, which a PDF needs again") from None
        if PDF_MARK in data[:PDF_MARK_WITHIN]:
            self._add_pdf(data, document.pages)
        else:
            for page in document.pages:
                if page.error is None:
                    self._add_image(data, page)

    def take_remarks(self) -> Sequence[str]:
        """Returns and forgets the remarks on existing text and encryption."""
        remarks, self._remarks = self._remarks, []
        return remarks

    def finish(self) -> None:
        """Writes the document unless it has no pages, and verifies it by opening it."""
        pages = len(self._document)
        if pages:
            self._languages.state(self._document, self._settings.pdf.language)
            if self._output.seekable() and self._output.readable():
                self._write_whole(cast(BinaryIO, self._output), pages)
            else:
                with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as spooled:
                    whole = cast(BinaryIO, spooled)
                    self._write_whole(whole, pages)
                    whole.seek(0)
                    shutil.copyfileobj(whole, self._output)
        self._document.close()

    def _write_whole(self, whole: BinaryIO, pages: int) -> None:
        save(self._document, whole)
        describe(whole, pdf_a=self._settings.pdf.pdf_a)
        check(whole, pages)

    def _add_pdf(self, data: bytes, pages: Sequence[Page]) -> None:
        settings = self._settings.pdf
        if settings.pdf_a:
            raise _refusal("pages of PDF files are copied unchanged; only images can be converted to PDF/A")
        source = self._opened(data)
        try:
            if settings.existing_text == "refuse":
                _refuse_text(source, pages)
            if pdfium_c.FPDF_GetSecurityHandlerRevision(source) >= 0:
                self._remarks.append("was encrypted; the output has no password")
            kept = 0
            for added, page in zip(self._taken_over(source, pages), pages, strict=True):
                if page.error is not None:
                    continue
                if page.is_embedded or (settings.existing_text == "skip" and has_text(added)):
                    kept += 1
                    self._languages.count(page.text)
                else:
                    self._add_lines_between_text(added, page)
                added.close()
        finally:
            if source is not self._document:
                source.close()
        if kept:
            self._remarks.append(f"{kept} of {len(pages)} pages have text, and keep it (--existing-text)")

    def _opened(self, data: bytes) -> pdfium.PdfDocument:
        try:
            return pdfium.PdfDocument(data, password=self._settings.pdf.password or None)
        except pdfium.PdfiumError:
            raise _refusal("the PDF file cannot be opened, or not with this password") from None

    def _taken_over(self, source: pdfium.PdfDocument, pages: Sequence[Page]) -> Iterator[pdfium.PdfPage]:
        """Adds the pages to the document; a single complete file becomes the document itself, including its outline."""
        alone = not self._settings.several and not len(self._document)
        if alone and [page.index for page in pages] == list(range(len(source))):
            self._document.close()
            self._document = source
            yield from source
            return
        for page in pages:
            self._document.import_pages(source, [page.index])
            yield self._document[len(self._document) - 1]

    def _add_lines_between_text(self, added: pdfium.PdfPage, page: Page) -> None:
        remove_unseen(added)
        boxes = text_boxes(added)
        lines = [line for line in page.lines if not covered(corners_in_page(added, page, line), boxes)]
        self._add_lines(added, page, lines)

    def _add_lines(self, added: pdfium.PdfPage, page: Page, lines: Sequence[Line], turn: Matrix | None = None) -> None:
        self._languages.count("".join(line.text for line in lines))
        add_text(self._document, added, page, lines, self._font, turn)
        # Only sets the page's rotation entry, which loses nothing.
        if quarters := round(page.rotation_degrees / _QUARTER) * _QUARTER:
            added.set_rotation((added.get_rotation() - quarters) % 360)

    def _add_image(self, data: bytes, page: Page) -> None:
        settings = self._settings.pdf
        size = page.width, page.height
        jpeg = as_jpeg(data, page.index, *size, only_rgb=settings.pdf_a)
        densities = stated_density(data, page.index) or (_DOTS_PER_INCH, _DOTS_PER_INCH)
        width, height = (
            min(_MOST_POINTS, pixels * _POINTS_PER_INCH / density)
            for pixels, density in zip(size, densities, strict=True)
        )
        added = self._document.new_page(width, height)
        image = pdfium.PdfImage.new(self._document)
        image.load_jpeg(io.BytesIO(jpeg), inline=True)
        image.set_matrix(pdfium.PdfMatrix().scale(width, height))
        turn = _straightened(page.rotation_degrees, width / 2, height / 2) if settings.deskew else None
        if turn is not None:
            pdfium_c.FPDFPageObj_Transform(image, *turn)
        added.insert_obj(image)
        added.gen_content()
        self._add_lines(added, page, page.lines, turn)
        added.close()


def _refuse_text(source: pdfium.PdfDocument, pages: Sequence[Page]) -> None:
    for page in pages:
        if page.is_embedded or (page.error is None and has_text(source[page.index])):
            raise _refusal(f"page {page.index + 1} has text already (--existing-text refuse)")


def _refusal(message: str) -> OcrError:
    return OcrError(grpc.StatusCode.FAILED_PRECONDITION, message)


def _straightened(rotation_degrees: float, x: float, y: float) -> Matrix | None:
    """The rotation that straightens a skewed picture; None if nothing but quarter turns is left."""
    askew = rotation_degrees - round(rotation_degrees / _QUARTER) * _QUARTER
    if not askew:
        return None
    cosine, sine = math.cos(math.radians(askew)), math.sin(math.radians(askew))
    return cosine, sine, -sine, cosine, x - x * cosine + y * sine, y - x * sine - y * cosine
