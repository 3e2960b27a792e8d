"""PDF files: sizes, rendering and embedded text of pages, through a decoder."""

from dataclasses import dataclass, field

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.document_options import DocumentOptions, TextLayer
from edgeocr.model.files.headers.header import is_image
from edgeocr.model.files.headers.values import Header
from edgeocr.model.files.image import check_size
from edgeocr.model.files.opening.decoder import LOCAL, FileDecoder
from edgeocr.model.files.opening.requests import CountPages, DrawPage, LookAtPage, PageLook, TextLine
from edgeocr.model.geometry.polygons import reading_orientation
from edgeocr.model.layout.reading_order import positions
from edgeocr.model.layout.structure.blocks import blocks
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.pixels import Picture
from edgeocr.model.results import Line, Page
from edgeocr.sources import PDF_MARK, PDF_MARK_WITHIN

MEDIA_TYPE = "application/pdf"
"""Other data may precede the signature (ISO 32000-1, annex H.3)."""
_PIXEL_BYTES, _LAYERED_PIXEL_BYTES = 8.0, 14.0
"""Bytes per pixel of a page, measured by `tests.benchmarks.memory.pdf`: without and with transparency groups."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PdfPage:
    """A page of a file, and its size in pixels."""

    data: Contents
    index: int
    width: int
    height: int
    password: str = field(default="", repr=False)


def is_pdf(data: Contents) -> bool:
    """Whether a file has the signature of PDF, and not that of an image."""
    return PDF_MARK in data[:PDF_MARK_WITHIN] and not is_image(data)


class PdfDocument:
    """A PDF file."""

    def __init__(self, data: Contents, options: DocumentOptions, limits: Limits) -> None:
        self._data = data
        self._options = options
        self._limits = limits

    def count(self, decoder: FileDecoder = LOCAL) -> int:
        """The number of pages.

        Raises:
            InvalidInput: the file is damaged, or the password does not open it.
            Locked: it is encrypted.
        """
        count = decoder.decode(CountPages(self._options.password), self._data).answer
        assert isinstance(count, int)
        return count

    def page(self, index: int, mode: Mode, decoder: FileDecoder = LOCAL) -> tuple[PdfPage, Header] | Page:
        """A page and a header with the memory for drawing it, or the resulting page if its embedded text is used and it
        has some.

        Raises:
            InvalidInput: the page is damaged, or unsuitable for the mode.
            TooLarge: it has too many pixels.
        """
        options = self._options
        request = LookAtPage(index, options.dots_per_inch, options.text_layer is TextLayer.USE, options.password)
        look = decoder.decode(request, self._data).answer
        assert isinstance(look, PageLook)
        if look.lines:
            lines = _lines(look.lines)
            areas = [(line.left, line.top, line.right, line.bottom) for line in look.lines]
            page = (0.0, 0.0, float(look.width), float(look.height))
            found = blocks(lines, areas, (), page)
            return Page(index, look.width, look.height, lines, is_embedded=True, blocks=found)
        header = Header(
            look.width,
            look.height,
            media_type=MEDIA_TYPE,
            opens_apart=True,
            can_shrink=True,
            pixel_bytes=_LAYERED_PIXEL_BYTES if look.has_layers else _PIXEL_BYTES,
            source_pixel_bytes=look.image_bytes / (look.width * look.height),
        )
        check_size(header, mode, self._limits)
        return PdfPage(self._data, index, look.width, look.height, options.password), header


def draw(page: PdfPage, reduction: int, decoder: FileDecoder = LOCAL) -> Picture:
    """Draws the page as displayed, on white, H×W×3 BGR.

    Args:
        page: a page of a `PdfDocument`.
        reduction: divisor of both sides.
        decoder: opens the file.

    Raises:
        InvalidInput: the page is damaged.
    """
    width, height = -(-page.width // reduction), -(-page.height // reduction)
    drawn = decoder.decode(DrawPage(page.index, width, height, page.password), page.data)
    return Picture(drawn.pixels, page.width, page.height, reduction)


def _lines(found: tuple[TextLine, ...]) -> tuple[Line, ...]:
    """Lines with boxes in reading orientation, in the file's order, with confidence 1 and without characters."""
    polygons = [
        reading_orientation(
            ((line.left, line.top), (line.right, line.top), (line.right, line.bottom), (line.left, line.bottom))
        )
        for line in found
    ]
    return tuple(
        Line(polygon, line.text, 1.0, (), position.row, position.paragraph)
        for line, polygon, position in zip(found, polygons, positions(polygons), strict=True)
    )
