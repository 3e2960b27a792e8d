"""Files of several pages: the properties of each page, without its pixels."""

from typing import Protocol

from edgeocr.model.files.contents import Contents
from edgeocr.model.files.document_options import DocumentOptions
from edgeocr.model.files.headers.header import count_pages
from edgeocr.model.files.headers.values import Header
from edgeocr.model.files.image import EncodedImage, ImageSource, check_type, inspect
from edgeocr.model.files.opening.decoder import LOCAL, FileDecoder
from edgeocr.model.files.pdf import MEDIA_TYPE as PDF_TYPE
from edgeocr.model.files.pdf import PdfDocument, PdfPage, is_pdf
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.results import Page

PageSource = ImageSource | PdfPage
"""The source of a page's pixels."""


class Document(Protocol):
    """A file of pages. Its methods may take a while; for one thread at a time."""

    def count(self, decoder: FileDecoder = LOCAL) -> int:
        """The number of pages.

        Raises:
            EdgeOcrError: it cannot be opened.
        """

    def page(self, index: int, mode: Mode, decoder: FileDecoder = LOCAL) -> tuple[PageSource, Header] | Page:
        """A page and its header, or the resulting page if its embedded text is to be used and it has some.

        Raises:
            EdgeOcrError: the page is damaged, or exceeds a limit.
        """


class TiffDocument:
    """A TIFF file of more than one page."""

    def __init__(self, data: Contents, limits: Limits) -> None:
        self._data = data
        self._limits = limits

    def count(self, decoder: FileDecoder = LOCAL) -> int:  # noqa: ARG002
        """The number of pages, according to the file's directories."""
        return count_pages(self._data)

    def page(
        self,
        index: int,
        mode: Mode,
        decoder: FileDecoder = LOCAL,  # noqa: ARG002
    ) -> tuple[PageSource, Header] | Page:
        """A page and its header.

        Raises:
            EdgeOcrError: the page is damaged, or exceeds a limit.
        """
        page = EncodedImage(self._data, index)
        return page, inspect(page, mode, self._limits)


def open_document(source: ImageSource, options: DocumentOptions, limits: Limits) -> Document | None:
    """The file as a document, not parsed yet; None if it is a single image.

    Raises:
        EdgeOcrError: it is a single image, and another page than the first is requested.
    """
    if isinstance(source, EncodedImage):
        if is_pdf(source.data):
            check_type(PDF_TYPE, limits)
            return PdfDocument(source.data, options, limits)
        if count_pages(source.data, 2) > 1:
            return TiffDocument(source.data, limits)
    options.select(1, limits)
    return None
