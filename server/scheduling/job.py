"""A job: one admitted image on its way through the queue and a worker.

Jobs are made and cancelled in the event loop and run in worker threads. Events go to `deliver`, which is called in the
worker's thread: if requested, a PageDrawn, LineReads and a PageRead for each page, and finally exactly one Finished.
Lines that are read together are delivered together, since each delivery wakes the loop. A document's job passes through
the queue once for each page.
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
from edgeocr.results.document import Timings
from edgeocr.server.decoder.job_decoder import JobDecoder
from edgeocr.server.errors import Cancelled, DeadlineExceeded, QueueTimeout
from edgeocr.server.memory.previews import PagePreviews
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.backlog import Backlog
from edgeocr.server.scheduling.document import DocumentReader
from edgeocr.server.scheduling.events import Deliver, Event, Finished, answer_bytes, event_bytes
from edgeocr.server.scheduling.job_options import JobOptions

_MOST_NAME = 64


@dataclass(slots=True, eq=False, weakref_slot=True)
class Job:
    """One image to read.

    Attributes:
        caller: the caller; callers take turns in the queue.
        stream: the caller's stream; streams of one caller take turns too.
        source: the inspected image; None after decoding, and for a document.
        options: how to read it, and which events to deliver.
        size_bytes: size of the image as sent.
        pixels: width × height by its header; for a document, the sum over pages so far.
        plan: how it, or its next page, is read, and the memory for that.
        waiting: reservation of its source.
        running: reservation of reading it.
        answer: reservation of its unsent results.
        deliver: receives the job's events, in the worker's thread.
        deadline: when the answer becomes useless (time.monotonic()).
        received: when the image was received, on the same clock.
        document_reader: the reader of its pages, if it is a document.
        media_type: media type of its file, for the log; empty for raw pixels.
        name: the caller's name for it, for the log.
        decoder: opens its file if the header does not bound the cost.
        pictures: draws previews if requested; else None.
        started: when a worker first took it, on the same clock.
        patience: number of later jobs that may still start before it.
        refusal: why the queue gave it up; set by the queue.
        backlog: delivered but unsent results of a document.
        passed_over: how often a smaller job was started before it.
        page_count: number of pages read or failed so far.
        line_count: number of their lines.
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
        """Records that a worker takes it; returns the waiting time of the image or page, unless it only stepped
        aside."""
        now = time.monotonic()
        waited = None if self._waits_since is None else now - self._waits_since
        self._waits_since = None
        self.started = self.started or now
        if self._rests_since is not None:
            self._rested_seconds += now - self._rests_since
            self._rests_since = None
        return waited

    def takes_memory(self) -> bool:
        """Reserves the memory for reading, if there is room; a job that stepped aside has it already."""
        return self.has_memory or self.running.grow(self.plan.peak_bytes)

    @property
    def has_memory(self) -> bool:
        """Whether it holds the memory for reading, since it only stepped aside."""
        return self.running.size_bytes > 0

    def rest(self, plan: Plan) -> None:
        """Releases the memory of a page between two pages; the next page reserves that of its plan."""
        self.plan = plan
        self.running.resize(0)
        self._rests_since = self._waits_since = time.monotonic()

    def described(self) -> str:
        """Describes the image for the log, without its content."""
        page = f", page {self.document_reader.index}" if self.document_reader is not None else ""
        media_type = self.media_type or "raw pixels"
        stage = self.trace.last_stage or "its start"
        # The name must not forge another line of the log.
        name = f" {self.name[:_MOST_NAME]!a}" if self.name else ""
        return (
            f"an image{name} of {self.caller} ({media_type}, {self.size_bytes} bytes, {self.pixels} pixels{page}, "
            f"mode {self.options.mode}, after {stage})"
        )

    def step_aside(self) -> None:
        """Records that a worker puts it aside while its decoder works, and uses its memory."""
        self._rests_since = time.monotonic()

    def is_at_decoder(self) -> bool:
        """Whether it waits for a decoder process or its answer."""
        return self.decoder is not None and self.decoder.is_asked

    def is_waiting(self) -> bool:
        """Whether a worker can do nothing for it, because its decoder works or its caller reads slowly."""
        return self.backlog.is_long() or (self.decoder is not None and self.decoder.is_waiting())

    def show(self, picture: Picture, page_index: int) -> None:
        """Delivers a preview of a decoded page, if requested and there is room."""
        if self.pictures is None:
            return
        # The memory for detecting lines is not in use yet.
        spare_bytes = self.plan.finding_bytes - picture.pixels.nbytes
        if (drawn := self.pictures.draw(picture, page_index, self._page_count(), spare_bytes)) is not None:
            self.deliver(drawn)

    def _page_count(self) -> int:
        return self.document_reader.count if self.document_reader is not None else 1

    def tell(self, lines: Sequence[LineRead], *, last: bool) -> None:
        """Delivers lines, if any; the last ones of a page are delivered with the next event."""
        if not self.options.sends_lines:
            return
        kept = [replace(read, line=self.options.kept(read.line)) if read.line.characters else read for read in lines]
        if last:
            self._untold += kept
        elif kept:
            self._deliver(*kept)

    def add(self, page: Page) -> None:
        """Adds a page, which is delivered or kept until the end."""
        self.page_count += 1
        self.line_count += len(page.lines)
        if any(line.characters for line in page.lines):
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
        # The unsent results of a single image are bounded by its one page.
        if self.document_reader is not None:
            self.backlog.add(events)
        self.deliver(*events)

    def took(self, event: Event) -> None:
        """Records that an event was sent to the caller."""
        self.answer.add(-event_bytes(event))
        if self.document_reader is not None:
            self.backlog.take(event)

    def _take_untold(self) -> list[Event]:
        untold, self._untold = self._untold, []
        return untold

    def outcome(self, error: EdgeOcrError | None) -> Finished:
        """The final event: pages or error; at the deadline, the pages so far if partial results are allowed."""
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
        """Raises Cancelled, DeadlineExceeded, QueueTimeout or TooLarge if continuing is useless."""
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
        """Frees the image as sent; raw pixels that are read directly stay in use."""
        if isinstance(self.source, EncodedImage):
            self.waiting.resize(0)
        self.source = None

    def finish(self, outcome: Finished) -> None:
        """Releases the image and delivers the final event."""
        events = [*self._take_untold(), outcome]
        self.answer.add(sum(map(event_bytes, events)) - self._pages_bytes)
        self.drop()
        self.deliver(*events)

    def drop(self) -> None:
        """Releases the image, undelivered results, and their memory."""
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
        """The time that the job waited, or has waited so far, for workers."""
        return (self.started or time.monotonic()) - self.received + self._rested_seconds

    def timings(self) -> Timings:
        """The timings so far."""
        seconds = self.trace.seconds
        return Timings(
            queue_seconds=self.queue_seconds(),
            decode_seconds=seconds.get(Stage.DECODE, 0.0),
            detect_seconds=seconds.get(Stage.DETECT, 0.0),
            recognize_seconds=seconds.get(Stage.RECOGNISE, 0.0),
            total_seconds=time.monotonic() - self.received,
        )
