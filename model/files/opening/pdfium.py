"""PDF files through PDFium: the number of pages, their size and content, and their rendering.

PDFium is not thread-safe, not even across documents: callers must serialise. A document is opened for each page and
closed again, so that nothing of one page stays in memory while the next is read.

This is imported by decoder processes, and loads neither NumPy nor ONNX Runtime.
"""

import ctypes
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.model.errors import EdgeOcrError, InvalidInput, Locked
from edgeocr.model.files.opening.mapping import mapped
from edgeocr.model.files.opening.pdf_text import text_lines
from edgeocr.model.files.opening.requests import DrawPage, LookAtPage, PageLook

# It warns about each XFA form, which it does not support.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)
_POINTS_PER_INCH = 72
_IMAGE_FACTORS = {"DCTDecode": 1.25, "JPXDecode": 6.0}
_IMAGE_FACTOR = 2.75
"""Memory of an image on a page in multiples of its pixels, which are kept until the page is finished."""
_STREAMED_BYTES, _STREAMED_PIXEL_BYTES = 60_000_000, 1.25
"""Size from which JPEG images are scaled while they are decoded, and the memory that each then takes."""
_NESTING = 4
_STEP_SECONDS = 0.05
"""Interval at which drawing is interrupted to check whether the result is still needed."""


def count_pages(descriptor: int, password: str) -> int:
    """The number of pages of a file.

    Raises:
        InvalidInput: the file is damaged, or the password does not open it.
        Locked: it is encrypted.
    """
    with _opened(descriptor, password) as document:
        return len(document)


def look(descriptor: int, request: LookAtPage) -> PageLook:
    """The size and content of a page.

    Raises:
        InvalidInput: the page is damaged, or has too much text.
    """
    with _opened_page(descriptor, request.password, request.index) as page:
        scale = request.dots_per_inch / _POINTS_PER_INCH
        sides = page.get_size()
        if not all(map(math.isfinite, sides)):
            raise InvalidInput("page: is damaged, it has no size")
        width, height = (max(1, math.ceil(side * scale)) for side in sides)
        if request.with_text and (lines := text_lines(page, width, height)):
            return PageLook(width, height, False, 0.0, tuple(lines))
        has_layers, image_bytes = False, 0.0
        # There may be millions of them.
        for found in page.get_objects(max_depth=_NESTING):
            has_layers = has_layers or bool(pdfium_c.FPDFPageObj_HasTransparency(found))
            image_bytes += _image_bytes(found) if isinstance(found, pdfium.PdfImage) else 0.0
        return PageLook(width, height, has_layers, image_bytes)


def draw(descriptor: int, request: DrawPage, pixels: memoryview, check: Callable[[], None]) -> None:
    """Draws a page into memory, H×W×3 BGR with packed rows.

    Args:
        descriptor: the file's descriptor.
        request: the page, and its size.
        pixels: the memory to draw into.
        check: called periodically; its exceptions end the work.

    Raises:
        InvalidInput: the page is damaged.
    """
    width, height = request.width, request.height
    with (
        _opened_page(descriptor, request.password, request.index, with_forms=True) as page,
        _bitmap(width, height, pixels) as bitmap,
    ):
        pdfium_c.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
        _draw(page, bitmap, width, height, check)
        if page.formenv:
            # Filled-in form fields are not part of the page, and are drawn over it.
            pdfium_c.FPDF_SetFormFieldHighlightAlpha(page.formenv, 0)
            pdfium_c.FPDF_FFLDraw(page.formenv, bitmap, page, 0, 0, width, height, 0, pdfium_c.FPDF_ANNOT)


def _draw(page: pdfium.PdfPage, bitmap: object, width: int, height: int, check: Callable[[], None]) -> None:
    begun = [time.monotonic()]
    pause = pdfium_c.IFSDK_PAUSE(version=1)
    # Exceptions cannot pass through C: drawing is interrupted, and the check is made outside.
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
def _bitmap(width: int, height: int, pixels: memoryview) -> Iterator[object]:
    array = (ctypes.c_char * (3 * width * height)).from_buffer(pixels)
    bitmap = pdfium_c.FPDFBitmap_CreateEx(
        width, height, pdfium_c.FPDFBitmap_BGR, ctypes.cast(array, ctypes.c_void_p), 3 * width
    )
    if not bitmap:
        raise MemoryError
    try:
        yield bitmap
    finally:
        pdfium_c.FPDFBitmap_Destroy(bitmap)


@contextmanager
def _opened(descriptor: int, password: str) -> Iterator[pdfium.PdfDocument]:
    with mapped(descriptor) as data:
        try:
            document = pdfium.PdfDocument(data, password=password or None)
        except pdfium.PdfiumError as error:
            # Without an error of this file, PDFium reports that of an earlier one.
            if _has_no_pages(data, password):
                raise InvalidInput("image.encoded: the document has no pages") from None
            raise _refusal(error.err_code, has_password=bool(password)) from None
        try:
            yield document
        finally:
            document.close()


def _has_no_pages(data: ctypes.Array[ctypes.c_char], password: str) -> bool:
    """Whether a refused file can be opened, and so was refused for having no pages."""
    opened = pdfium_c.FPDF_LoadMemDocument64(data, len(data), password.encode() if password else None)
    if opened:
        pdfium_c.FPDF_CloseDocument(opened)
    return bool(opened)


def _refusal(code: int | None, *, has_password: bool) -> EdgeOcrError:
    if code == pdfium_c.FPDF_ERR_PASSWORD:
        if has_password:
            return InvalidInput("document.password: does not open the file")
        return Locked("document: is encrypted, and needs a password (document.password)")
    if code == pdfium_c.FPDF_ERR_SECURITY:
        return Locked("document: is encrypted in a way that is not known")
    return InvalidInput("image.encoded: the PDF file is damaged or truncated, it could not be opened")


@contextmanager
def _opened_page(descriptor: int, password: str, index: int, *, with_forms: bool = False) -> Iterator[pdfium.PdfPage]:
    with _opened(descriptor, password) as document:
        try:
            if with_forms:
                document.init_forms()
            page = document[index]
        except pdfium.PdfiumError:
            raise InvalidInput("page: is damaged, it could not be loaded") from None
        try:
            yield page
        except (pdfium.PdfiumError, UnicodeError):
            # Such as a name that is not valid text, which PDFium returns unchanged.
            raise InvalidInput("page: is damaged, it could not be looked into") from None
        finally:
            page.close()


def _image_bytes(image: pdfium.PdfImage) -> float:
    """The memory for drawing an image."""
    pixels = int(math.prod(image.get_px_size()))
    own_bytes: float = pixels * image.get_metadata().bits_per_pixel / 8
    coding = next(reversed(image.get_filters()), "")
    if coding == "DCTDecode" and own_bytes > _STREAMED_BYTES:
        return pixels * _STREAMED_PIXEL_BYTES
    return own_bytes * _IMAGE_FACTORS.get(coding, _IMAGE_FACTOR)
