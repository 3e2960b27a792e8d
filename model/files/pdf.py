"""PDF files: what a page measures, how it looks, and the text that it holds as such, by a decoder that opens them."""

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

MEDIA_TYPE = "application/pdf"
_MARK, _MARK_WITHIN = b"%PDF-", 1024
"""Anything may come before the mark (ISO 32000-1, annex H.3)."""
_PIXEL_BYTES, _LAYERED_PIXEL_BYTES = 8.0, 14.0
"""For each pixel of a page, as `tests.benchmarks.pdf_memory` measures them: of one that is drawn straight away, and of
one that has layers to be mixed first."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PdfPage:
    """A page of a file, and its size in pixels."""

    data: Contents
    index: int
    width: int
    height: int
    password: str = field(default="", repr=False)


def is_pdf(data: Contents) -> bool:
    """Whether a file says that it is a PDF, and does not say before that it is an image."""
    return _MARK in data[:_MARK_WITHIN] and not is_image(data)


class PdfDocument:
    """A PDF file."""

    def __init__(self, data: Contents, options: DocumentOptions, limits: Limits) -> None:
        self._data = data
        self._options = options
        self._limits = limits

    def count(self, decoder: FileDecoder = LOCAL) -> int:
        """How many pages it has.

        Raises:
            InvalidInput: the file is damaged, or the password is wrong.
            Locked: it is encrypted.
        """
        count = decoder.decode(CountPages(self._options.password), self._data).answer
        assert isinstance(count, int)
        return count

    def page(self, index: int, mode: Mode, decoder: FileDecoder = LOCAL) -> tuple[PdfPage, Header] | Page:
        """A page and a header that says what drawing it takes; or the page itself, if its text is used and it has some.

        Raises:
            InvalidInput: the page is damaged, or unfit for the mode.
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
    """The page as it is displayed, on white, H×W×3 BGR.

    Args:
        page: of a `PdfDocument`.
        reduction: by how much both sides are divided.
        decoder: what opens it.

    Raises:
        InvalidInput: the page is damaged.
    """
    width, height = -(-page.width // reduction), -(-page.height // reduction)
    drawn = decoder.decode(DrawPage(page.index, width, height, page.password), page.data)
    return Picture(drawn.pixels, page.width, page.height, reduction)


def _lines(found: tuple[TextLine, ...]) -> tuple[Line, ...]:
    """Lines with boxes in reading orientation, in the file's order; their confidence is 1, and they have no characters
    of their own."""
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
