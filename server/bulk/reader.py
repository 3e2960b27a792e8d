"""Reads whole files, one after the other, in the thread that asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from edgeocr.model.files.document import PageSource, open_document
from edgeocr.model.files.document_options import DOTS_PER_INCH, DocumentOptions, TextLayer
from edgeocr.model.files.headers.values import Header
from edgeocr.model.files.image import EncodedImage, check_bytes, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import plan
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import Page
from edgeocr.model.timing import Trace
from edgeocr.server.scheduling.document import expected, page_error

LIMITS = Limits(image_bytes=Limits().file_bytes)
"""Files are at hand whole: none is too large for a message."""
_MOST_BYTES = 512 << 20
"""What a page should take: JPEG files beyond it are decoded at a fraction of their size."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How files are read.

    Attributes:
        mode: pages, or one line an image.
        dots_per_inch: at which pages of a PDF are drawn.
        text_layer: whether text that pages hold as such is used in place of reading.
    """

    mode: Mode = Mode.PAGE
    dots_per_inch: float = DOTS_PER_INCH
    text_layer: TextLayer = TextLayer.IGNORE


class FileReader:
    """Reads files as the server would, but for its memory budget."""

    def __init__(self, models: Models, wanted: Wanted) -> None:
        self._reader = Reader(models)
        self._mode = wanted.mode
        self._options = DocumentOptions(dots_per_inch=wanted.dots_per_inch, text_layer=wanted.text_layer)

    def read(self, data: bytes) -> Iterator[Page]:
        """The pages of a file as they are read; one that cannot be read has its error and no size.

        Raises:
            EdgeOcrError: there is no reading the file at all.
        """
        source = EncodedImage(data)
        check_bytes(source, LIMITS)
        document = open_document(source, self._options, LIMITS)
        if document is None:
            yield self._page(source, inspect(source, self._mode, LIMITS), 0, len(data))
            return
        for index in self._options.select(document.count(), LIMITS):
            try:
                found = document.page(index, self._mode)
                yield found if isinstance(found, Page) else self._page(*found, index, len(data))
            except Exception as error:
                yield page_error(index, expected(error))

    def _page(self, source: PageSource, header: Header, index: int, size_bytes: int) -> Page:
        made = plan(header, size_bytes, self._mode, self._reader.models.manifest, _MOST_BYTES)
        trace = Trace()
        detected = self._reader.find(self._reader.decode(source, made.reduction, trace), self._mode, trace, index)
        batches = self._reader.batches(detected)
        return detected.page(line for batch in batches for line in self._reader.recognise(detected, batch, trace))
