"""A document's way through the server: page by page, with a turn for everybody else in between.

Of all its pages one is at hand at a time, and none but that one has pixels. A page that cannot be had is an answer like
any other; the pages after it are read all the same.
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
    """The pages of one document that are to be read; for one thread at a time.

    Attributes:
        source: the page at hand; None before the first.
        index: its place in the document.
        pixels: width × height of the page at hand.
        plan: what the next step takes.
    """

    def __init__(
        self,
        document: Document,
        options: DocumentOptions,
        mode: Mode,
        limits: Limits,
        opening: Plan,
    ) -> None:
        """Takes the document, what is wanted of it, and what finding out takes what a page is."""
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
        """How many pages are to be read; 0 while that is not known."""
        return self._count

    @property
    def has_more(self) -> bool:
        """Whether there is a page at hand, or one after it."""
        return self.source is not None or self._left is None or bool(self._left)

    def unread(self) -> Iterable[int]:
        """The places of the page at hand and of those after it."""
        return [*([] if self.source is None else [self.index]), *(self._left or ())]

    def done(self) -> None:
        """The page at hand is read."""
        self.source = None

    def move_on(self, manifest: Manifest, budget: Budget, decoder: FileDecoder) -> Page | None:
        """Has the next page at hand, if there is one, or returns what is the answer for it without any reading.

        Args:
            manifest: of the networks that are to read it.
            budget: what it has to fit into.
            decoder: opens it.

        Raises:
            EdgeOcrError: there is no reading the document at all.
            Waiting: the decoder needs longer; this is to be called again then.
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
