"""Reads documents page by page, with turns for other jobs in between.

Only the current page has pixels. A page that cannot be opened becomes an error in the result, and later pages are read
nevertheless.
"""

from collections import deque
from collections.abc import Iterable

from edgeocr.model.errors import expected
from edgeocr.model.files.document import Document, PageSource
from edgeocr.model.files.document_options import DocumentOptions
from edgeocr.model.files.opening.decoder import FileDecoder, copied_bytes
from edgeocr.model.limits import Limits
from edgeocr.model.memory_plan import Plan, plan
from edgeocr.model.networks.manifest import Manifest
from edgeocr.model.options import Mode
from edgeocr.model.results import Page
from edgeocr.server.decoder.job_decoder import Waiting
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.limits import check_memory, least_plan
from edgeocr.server.memory.reservation import Use


class DocumentReader:
    """The requested pages of a document; for one thread at a time.

    Attributes:
        source: the current page; None before the first.
        index: its index in the document.
        pixels: width × height of the current page.
        plan: memory of the next step.
    """

    def __init__(
        self,
        document: Document,
        options: DocumentOptions,
        mode: Mode,
        limits: Limits,
        opening: Plan,
    ) -> None:
        """Takes the document, its options, and the plan for determining what a page is."""
        self.source: PageSource | None = None
        self.index = 0
        self.pixels = 0
        self.plan = opening
        self._opening = opening
        self._document = document
        self._options = options
        self._mode = mode
        self._limits = limits
        self._left: deque[int] | None = None
        self._count = 0

    @property
    def count(self) -> int:
        """The number of pages to read; 0 if not known yet."""
        return self._count

    @property
    def has_more(self) -> bool:
        """Whether there is a current page, or one after it."""
        return self.source is not None or self._left is None or bool(self._left)

    def unread(self) -> Iterable[int]:
        """The indices of the current page and those after it."""
        return [*([] if self.source is None else [self.index]), *(self._left or ())]

    def done(self) -> None:
        """Records that the current page has been read."""
        self.source = None

    def move_on(self, manifest: Manifest, budget: Budget, decoder: FileDecoder) -> Page | None:
        """Advances to the next page, or returns its result if it needs no recognition.

        Args:
            manifest: of the networks for reading.
            budget: the memory budget that the page must fit into.
            decoder: opens the file.

        Raises:
            EdgeOcrError: the document cannot be read.
            Waiting: the decoder needs longer; to be called again afterwards.
        """
        self.plan = self._opening
        if self._left is None:
            self._left = deque(self._options.select(self._document.count(decoder), self._limits))
            self._count = len(self._left)
        if not self._left:
            return None
        index = self._left[0]
        try:
            found = self._document.page(index, self._mode, decoder)
            if isinstance(found, Page):
                self._left.popleft()
                return found
            source, header = found
            made = plan(header, copied_bytes(source.data, header), self._mode, manifest, budget.most_bytes(Use.RUNNING))
            check_memory(made, budget)
        except Waiting:
            raise
        except Exception as error:
            self._left.popleft()
            return Page.failed(index, expected(error).bare())
        self._left.popleft()
        self.source, self.index, self.plan = source, index, least_plan(made, budget, header)
        self.pixels = header.width * header.height
        return None
