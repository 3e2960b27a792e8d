"""A job is one admitted image on its way through the queue and a worker.

Jobs are made and cancelled in the transport's event loop and run in worker threads. What a job produces goes to its
`deliver`, which is called in the worker's thread: if wanted, a PageDrawn, LineReads and a PageRead for each page, and
in the end exactly one Finished. What is read at one time is delivered at one time, since each delivery wakes the loop.
A job whose image is a document goes through the queue once for each page.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from edgeocr.model.errors import EdgeOcrError, Limit, TooLarge
from edgeocr.model.files.image import EncodedImage, ImageSource
from edgeocr.model.memory_plan import Plan
from edgeocr.model.pixels import Picture
from edgeocr.model.results import LineRead, Page, PageRead
from edgeocr.model.timing import Stage, Trace
from edgeocr.server.decoder.job_decoder import JobDecoder
from edgeocr.server.errors import Cancelled, DeadlineExceeded, QueueTimeout
from edgeocr.server.memory.previews import PagePreviews
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.backlog import Backlog
from edgeocr.server.scheduling.document import DocumentReader
from edgeocr.server.scheduling.events import Deliver, Event, Finished, Timings, answer_bytes, event_bytes
from edgeocr.server.scheduling.job_options import JobOptions

_MOST_NAME = 64


@dataclass(slots=True, eq=False, weakref_slot=True)
class Job:
    """One image to read.

    Attributes:
        caller: who asks; callers take turns in the queue.
        stream: of the caller; streams of one caller take turns as well.
        source: the image, which passed inspection; None once it is decoded, and for a document.
        options: how it is to be read, and what of it is delivered.
        size_bytes: of the image as sent.
        pixels: width × height by its header; of a document, those of the pages until now.
        plan: how it, or its next page, is read, and what that takes.
        waiting: what its source holds of the memory budget.
        running: what reading it holds.
        answer: what was read of it and is not yet with its caller holds.
        deliver: takes the job's events, in the worker's thread.
        deadline: on the clock of time.monotonic(), from when on the answer is worthless.
        received: when the image arrived, on the same clock.
        document_reader: of the pages, if it is a document of several.
        media_type: of its file, for the log; empty for raw pixels.
        name: what its sender calls it, for the log.
        decoder: opens its file where no header bounds what that takes.
        pictures: draws previews of pages for callers who want them; else None.
        started: when a worker took it, on the same clock; for a document, took it first.
        patience: how many later jobs may still start before this one.
        refusal: why the queue gives it up, set by it.
        backlog: what of a document is delivered and not sent.
        passed_over: how often a smaller job was started before this one.
        page_count: how many pages were read until now, or could not be.
        line_count: how many lines they have.
    """

    caller: str
    stream: str
    source: ImageSource | None
    options: JobOptions
    size_bytes: int
    pixels: int
    plan: Plan
    waiting: Reservation
    running: Reservation
    answer: Reservation
    deliver: Deliver
    deadline: float | None
    received: float
    document_reader: DocumentReader | None = None
    pictures: PagePreviews | None = None
    started: float | None = None
    cancelled: bool = False
    patience: int = 0
    passed_over: int = 0
    refusal: QueueTimeout | None = None
    media_type: str = ""
    name: str = ""
    decoder: JobDecoder | None = None
    backlog: Backlog = field(default_factory=Backlog)
    trace: Trace = field(default_factory=Trace)
    page_count: int = 0
    line_count: int = 0
    _pages: list[Page] = field(default_factory=list)
    _untold: list[Event] = field(default_factory=list)
    _pages_bytes: int = 0
    _rests_since: float | None = None
    _rested_seconds: float = 0.0
    _waits_since: float | None = field(default_factory=time.monotonic)

    def begin(self) -> float | None:
        """A worker has taken it; returns for how long it, or its next page, waited, unless it only stepped aside."""
        now = time.monotonic()
        waited = None if self._waits_since is None else now - self._waits_since
        self._waits_since = None
        self.started = self.started or now
        if self._rests_since is not None:
            self._rested_seconds += now - self._rests_since
            self._rests_since = None
        return waited

    def takes_memory(self) -> bool:
        """Takes what reading it needs, if there is room; a job that only stepped aside has it already."""
        return self.has_memory or self.running.grow(self.plan.peak_bytes)

    @property
    def has_memory(self) -> bool:
        """Whether it holds what reading it needs, since it only stepped aside."""
        return self.running.size_bytes > 0

    def rest(self, plan: Plan) -> None:
        """A worker has finished one page and not started the next, which takes the memory of the plan."""
        self.plan = plan
        self.running.resize(0)
        self._rests_since = self._waits_since = time.monotonic()

    def described(self) -> str:
        """Whose image it is and what it is like, for the log; nothing of what it shows."""
        page = f", page {self.document_reader.index}" if self.document_reader is not None else ""
        media_type = self.media_type or "raw pixels"
        stage = self.trace.last_stage or "its start"
        # Nothing in it may pass for another line of the log.
        name = f" {self.name[:_MOST_NAME]!a}" if self.name else ""
        return (
            f"an image{name} of {self.caller} ({media_type}, {self.size_bytes} bytes, {self.pixels} pixels{page}, "
            f"mode {self.options.mode}, after {stage})"
        )

    def step_aside(self) -> None:
        """A worker is done with it for now: its decoder is at work, and takes the memory that it has."""
        self._rests_since = time.monotonic()

    def is_at_decoder(self) -> bool:
        """Whether it waits for a decoder process, or for what one is to answer."""
        return self.decoder is not None and self.decoder.is_asked

    def is_waiting(self) -> bool:
        """Whether a worker could do nothing for it, as its decoder is at work or its caller reads slowly."""
        return self.backlog.is_long() or (self.decoder is not None and self.decoder.is_waiting())

    def show(self, picture: Picture, page_index: int) -> None:
        """A page has pixels: delivers a picture of them if one is wanted, and there is room for it."""
        if self.pictures is None:
            return
        # What finding its lines takes is not taken yet.
        spare_bytes = self.plan.finding_bytes - picture.pixels.nbytes
        if (drawn := self.pictures.draw(picture, page_index, self._page_count(), spare_bytes)) is not None:
            self.deliver(drawn)

    def _page_count(self) -> int:
        return self.document_reader.count if self.document_reader is not None else 1

    def tell(self, lines: Sequence[LineRead], *, last: bool) -> None:
        """Lines are read: delivers them, if there are any, the last ones of a page together with what comes next."""
        if not self.options.sends_lines:
            return
        kept = [replace(read, line=self.options.kept(read.line)) for read in lines]
        if last:
            self._untold += kept
        elif kept:
            self._deliver(*kept)

    def add(self, page: Page) -> None:
        """A page is read: delivers it, or keeps it until the end."""
        self.page_count += 1
        self.line_count += len(page.lines)
        page = replace(page, lines=tuple(map(self.options.kept, page.lines)))
        if self.options.sends_pages:
            self._untold.append(PageRead(page, self._page_count()))
        else:
            self._pages.append(page)
        if self.document_reader is None:
            return
        if self._untold:
            self._deliver(*self._take_untold())
        if not self.options.sends_pages:
            page_bytes = answer_bytes(self._pages[-1:])
            self._pages_bytes += page_bytes
            self.answer.add(page_bytes)

    def _deliver(self, *events: Event) -> None:
        self.answer.add(sum(map(event_bytes, events)))
        # What an image without pages may have waiting is bounded by its one page.
        if self.document_reader is not None:
            self.backlog.add(events)
        self.deliver(*events)

    def took(self, event: Event) -> None:
        """One of its events was sent to the caller."""
        self.answer.add(-event_bytes(event))
        if self.document_reader is not None:
            self.backlog.take(event)

    def _take_untold(self) -> list[Event]:
        untold, self._untold = self._untold, []
        return untold

    def outcome(self, error: EdgeOcrError | None) -> Finished:
        """Its end: the pages, or the error; where time ran out, and that is wanted, the pages that there are."""
        if (
            isinstance(error, DeadlineExceeded)
            and self.options.allow_partial
            and self.document_reader is not None
            and self.document_reader.count
        ):
            unread = list(self.document_reader.unread())
            if len(unread) < self.document_reader.count:
                for index in unread:
                    self.add(Page.failed(index, error.bare()))
                error = None
        return Finished(tuple(self._pages) if error is None else (), error, self.timings())

    def is_late(self) -> bool:
        """Whether its deadline has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def check(self) -> None:
        """Raises Cancelled, DeadlineExceeded, QueueTimeout or TooLarge if going on is of no use."""
        if self.cancelled:
            raise Cancelled("the caller went away")
        if self.refusal is not None:
            raise self.refusal
        if self.is_late():
            raise DeadlineExceeded("the deadline passed before the image was read")
        if self._pages_bytes > (most_bytes := self.answer.budget.most_bytes(Use.ANSWERING)):
            raise TooLarge(
                f"document: what was read of it takes more than {most_bytes} bytes, half of image_memory_bytes; "
                "ask for fewer pages at a time, or for each as it is read",
                Limit("image_memory_bytes", most_bytes, self._pages_bytes),
            )

    def let_go_of_source(self) -> None:
        """Frees the image as sent; pixels that were sent as they are read are still in use."""
        if isinstance(self.source, EncodedImage):
            self.waiting.resize(0)
        self.source = None

    def finish(self, outcome: Finished) -> None:
        """Releases the image, which no holder of the job needs any more, and delivers the last event."""
        events = [*self._take_untold(), outcome]
        self.answer.add(sum(map(event_bytes, events)) - self._pages_bytes)
        self.drop()
        self.deliver(*events)

    def drop(self) -> None:
        """Lets go of the image, of what is not delivered of it, and of the memory that these take."""
        self.source = None
        self.document_reader = None
        self.refusal = None
        if self.decoder is not None:
            self.decoder.close()
            self.decoder = None
        self._pages, self._untold = [], []
        self.waiting.release()
        self.running.release()

    def queue_seconds(self) -> float:
        """How long the job waited, or has waited, for workers."""
        return (self.started or time.monotonic()) - self.received + self._rested_seconds

    def timings(self) -> Timings:
        """Where the time went so far."""
        seconds = self.trace.seconds
        return Timings(
            queue_seconds=self.queue_seconds(),
            decode_seconds=seconds.get(Stage.DECODE, 0.0),
            detect_seconds=seconds.get(Stage.DETECT, 0.0),
            recognise_seconds=seconds.get(Stage.RECOGNISE, 0.0),
            total_seconds=time.monotonic() - self.received,
        )
