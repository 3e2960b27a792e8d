"""PDF files through PDFium: what a page measures, how it looks, and the text that it holds as such.

PDFium is for one thread at a time, all documents taken together: whoever calls anything here sees to that. A document
is opened anew for each page and closed again, so that nothing of one page is kept while the next is read.
"""

import ctypes
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.model.errors import Code, EdgeOcrError, InvalidInput
from edgeocr.model.files.document_options import DocumentOptions, TextLayer
from edgeocr.model.files.header import Header, is_image
from edgeocr.model.files.image import check_size
from edgeocr.model.files.pdf_text import embedded_lines
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.pixels import Picture, Pixels
from edgeocr.model.results import Page

MEDIA_TYPE = "application/pdf"
_MARK, _MARK_WITHIN = b"%PDF-", 1024
"""Anything may come before the mark (ISO 32000-1, annex H.3)."""
_POINTS_PER_INCH = 72
_PIXEL_BYTES, _LAYERED_PIXEL_BYTES = 8.0, 14.0
"""For each pixel of a page, as `tests.benchmarks.pdf_memory` measures them: of one that is drawn straight away, and of
one that has layers to be mixed first."""
_IMAGE_FACTORS = {"DCTDecode": 1.25, "JPXDecode": 6.0}
_IMAGE_FACTOR = 2.75
"""By how much an image on a page takes more than its own pixels, which are kept until the page is done."""
_STREAMED_BYTES, _STREAMED_PIXEL_BYTES = 60_000_000, 1.25
"""From so many bytes on, the pixels of JPEG images are not kept, but shrunk as they are decoded, and take this each."""
_NESTING = 4
_STEP_SECONDS = 0.05
"""After so long, drawing is interrupted to see whether anybody still waits."""


class Locked(EdgeOcrError):
    """The file is encrypted, and no password, or none that is understood, opens it."""

    code = Code.FAILED_PRECONDITION


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PdfPage:
    """A page of a file, and its size in pixels."""

    data: bytes
    index: int
    width: int
    height: int
    password: str = field(default="", repr=False)


def is_pdf(data: bytes) -> bool:
    """Whether a file says that it is a PDF, and does not say before that it is an image."""
    return data.find(_MARK, 0, _MARK_WITHIN) >= 0 and not is_image(data)


class PdfDocument:
    """A PDF file."""

    def __init__(self, data: bytes, options: DocumentOptions, limits: Limits) -> None:
        self._data = data
        self._options = options
        self._limits = limits

    def count(self) -> int:
        """How many pages it has.

        Raises:
            InvalidInput: the file is damaged, or the password is wrong.
            Locked: it is encrypted.
        """
        with _opened(self._data, self._options.password) as document:
            return len(document)

    def page(self, index: int, mode: Mode) -> tuple[PdfPage, Header] | Page:
        """A page and a header that says what drawing it takes; or the page itself, if its text is used and it has some.

        Raises:
            InvalidInput: the page is damaged, or unfit for the mode.
            TooLarge: it has too many pixels.
        """
        options = self._options
        with _opened_page(self._data, options.password, index) as page:
            scale = options.dots_per_inch / _POINTS_PER_INCH
            sides = page.get_size()
            if not all(map(math.isfinite, sides)):
                raise InvalidInput("page: is damaged, it has no size")
            width, height = (max(1, math.ceil(side * scale)) for side in sides)
            if options.text_layer is TextLayer.USE and (lines := embedded_lines(page, width, height)):
                return Page(index, width, height, tuple(lines), is_embedded=True)
            layered, images = False, 0.0
            # There may be millions of them.
            for found in page.get_objects(max_depth=_NESTING):
                layered = layered or bool(pdfium_c.FPDFPageObj_HasTransparency(found))
                images += _image_bytes(found) if isinstance(found, pdfium.PdfImage) else 0.0
        header = Header(
            width,
            height,
            can_shrink=True,
            pixel_bytes=_LAYERED_PIXEL_BYTES if layered else _PIXEL_BYTES,
            source_pixel_bytes=images / (width * height),
        )
        check_size(header, mode, self._limits)
        return PdfPage(self._data, index, width, height, options.password), header


def draw(page: PdfPage, reduction: int, check: Callable[[], None]) -> Picture:
    """The page as it is displayed, on white, H×W×3 BGR.

    Args:
        page: of a `PdfDocument`.
        reduction: by how much both sides are divided.
        check: called now and then; what it raises ends the work.

    Raises:
        InvalidInput: the page is damaged.
    """
    width, height = -(-page.width // reduction), -(-page.height // reduction)
    pixels: Pixels = np.full((height, width, 3), 255, np.uint8)
    with _opened_page(page.data, page.password, page.index) as opened, _bitmap(pixels) as bitmap:
        _draw(opened, bitmap, width, height, check)
    return Picture(pixels, page.width, page.height, reduction)


def _draw(page: pdfium.PdfPage, bitmap: object, width: int, height: int, check: Callable[[], None]) -> None:
    begun = [time.monotonic()]
    pause = pdfium_c.IFSDK_PAUSE(version=1)
    # An exception has no way through C: it is interrupted, and asked about outside.
    pausing = type(pause.NeedToPauseNow)(lambda _: time.monotonic() - begun[0] > _STEP_SECONDS)
    pause.NeedToPauseNow = pausing
    try:
        state = pdfium_c.FPDF_RenderPageBitmap_Start(
            bitmap, page, 0, 0, width, height, 0, pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_RENDER_LIMITEDIMAGECACHE, pause
        )
        while state == pdfium_c.FPDF_RENDER_TOBECONTINUED:
            check()
            begun[0] = time.monotonic()
            state = pdfium_c.FPDF_RenderPage_Continue(page, pause)
    finally:
        pdfium_c.FPDF_RenderPage_Close(page)
    if state != pdfium_c.FPDF_RENDER_DONE:
        raise InvalidInput("page: is damaged, it could not be drawn")


@contextmanager
def _bitmap(pixels: Pixels) -> Iterator[object]:
    height, width = pixels.shape[:2]
    buffer = pixels.ctypes.data_as(ctypes.c_void_p)
    bitmap = pdfium_c.FPDFBitmap_CreateEx(width, height, pdfium_c.FPDFBitmap_BGR, buffer, pixels.strides[0])
    if not bitmap:
        raise MemoryError
    try:
        yield bitmap
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)


@contextmanager
def _opened(data: bytes, password: str) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data, password=password or None)
    except pdfium.PdfiumError as error:
        raise _refusal(error.err_code, has_password=bool(password)) from None
    try:
        yield document
    finally:
        document.close()


def _refusal(code: int | None, *, has_password: bool) -> EdgeOcrError:
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        if has_password:
            return InvalidInput("document.password: does not open the file")
        return Locked("document: is encrypted, and needs a password (document.password)")
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return Locked("document: is encrypted in a way that is not known")
    return InvalidInput("image.encoded: the PDF file is damaged or cut off, it could not be opened")


@contextmanager
def _opened_page(data: bytes, password: str, index: int) -> Iterator[pdfium.PdfPage]:
    with _opened(data, password) as document:
        try:
            page = document[index]
        except pdfium.PdfiumError:
            raise InvalidInput("page: is damaged, it could not be loaded") from None
        try:
            yield page
        except (pdfium.PdfiumError, UnicodeError):
            # Such as a name that is no text, which PDFium hands on as it is.
            raise InvalidInput("page: is damaged, it could not be looked into") from None
        finally:
            page.close()


def _image_bytes(image: pdfium.PdfImage) -> float:
    """What drawing an image takes."""
    pixels = int(math.prod(image.get_px_size()))
    own_bytes: float = pixels * image.get_metadata().bits_per_pixel / 8
    coding = next(reversed(image.get_filters()), "")
    if coding == "DCTDecode" and own_bytes > _STREAMED_BYTES:
        return pixels * _STREAMED_PIXEL_BYTES
    return own_bytes * _IMAGE_FACTORS.get(coding, _IMAGE_FACTOR)
