"""A session: the images of one request or stream from receipt until their results are sent, for all transports.

    place → enter → admit, or refuse … events … close

Each image is counted once in metrics and traces, and accounted for in the memory budget until its answer is sent.
Images that a session has no place for wait in the connection, so a caller that does not read its answers is not read
from.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field

from edgeocr.model.errors import EdgeOcrError, expected
from edgeocr.model.files.image import ImageSource
from edgeocr.model.results import LineRead
from edgeocr.results.document import Timings
from edgeocr.server.memory.previews import PageDrawn, PagePreviews
from edgeocr.server.memory.reservation import Reservation
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.delivery import ResultQueue
from edgeocr.server.scheduling.events import Event, Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.job_options import JobOptions
from edgeocr.server.scheduling.sender import Sender
from edgeocr.server.tracing.tracer import CallTrace

_NO_OPTIONS = JobOptions()


@dataclass(slots=True, eq=False)
class Entry:
    """One image.

    Attributes:
        index: its index in the session.
        name: the caller's name for it.
        received: when it was received (time.monotonic()).
        options: its options, once it is admitted.
        job: None for what is not admitted.
        outcome: its final event, once available.
        size_bytes: bytes received.
    """

    index: int
    name: str
    received: float = field(default_factory=time.monotonic)
    options: JobOptions = _NO_OPTIONS
    job: Job | None = None
    pictures: PagePreviews | None = None
    outcome: Finished | None = None
    size_bytes: int = 0
    has_line: bool = False
    early: list[Event] = field(default_factory=list)

    def let_go(self) -> None:
        """Drops references that would form a cycle."""
        if self.pictures is not None:
            self.pictures.close()
        self.job = self.outcome = None


class Session:
    """Receives images while others are read; for use on one event loop."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        trace: CallTrace,
        *,
        method: str,
        sender: Sender,
        window_images: int = 1,
        sends_events: bool = False,
        ordered: bool = True,
    ) -> None:
        """Makes a session without images.

        Args:
            admission: admits its images.
            metrics: counts them.
            trace: the call's trace, which gets a span for each.
            method: the request's name in metrics.
            sender: the caller.
            window_images: maximum number of unfinished images before the next one is received.
            sends_events: whether events are sent as they occur, and an image is finished with its final event;
                otherwise results are kept until the session is closed.
            ordered: whether the events of an image follow all those of earlier images.
        """
        self._admission = admission
        self._metrics = metrics
        self._trace = trace
        self._method = method
        self._sender = sender
        self._record = sender.record
        # By default each session is its own stream.
        self._record.trace_id = self._record.trace_id or trace.trace_id
        self._window_images = window_images
        self._sends_events = sends_events
        self.ordered = ordered
        self.count = 0
        self._events: ResultQueue[Entry] = ResultQueue()
        self._open: dict[Entry, None] = {}
        self._kept: list[Entry] = []
        self._has_place = asyncio.Event()
        self._is_whole = False

    def is_busy(self) -> bool:
        """Whether an image is unfinished."""
        return bool(self._open)

    async def place(self) -> None:
        """Waits for a place for another image."""
        while len(self._open) >= self._window_images:
            self._has_place.clear()
            await self._has_place.wait()

    def enter(self, name: str = "") -> Entry:
        """Records the arrival of an image, or of its first chunk; it is admitted or refused later."""
        entry = Entry(self.count, name)
        self.count += 1
        self._open[entry] = None
        return entry

    @contextmanager
    def refusing(self, entry: Entry, held: Reservation | None = None) -> Iterator[None]:
        """Makes an exception of the `with` block the image's outcome, and then releases its bytes."""
        try:
            yield
        except Exception as error:
            if held is not None:
                held.release()
            self.refuse(entry, expected(error))

    def refuse(self, entry: Entry, error: EdgeOcrError) -> None:
        """Ends an image that is not admitted with an error."""
        outcome = Finished((), error.bare(), Timings(total_seconds=time.monotonic() - entry.received))
        self._note_end(entry, outcome)
        self._events.put((entry, outcome))

    def admit(
        self,
        entry: Entry,
        source: ImageSource,
        options: JobOptions,
        timeout_seconds: float | None,
        *,
        picture_side: int | None = None,
        in_chunks: bool = False,
        held: Reservation | None = None,
    ) -> None:
        """Queues an image, with previews of the given maximum side, if any; see `Admission.admit`.

        Raises:
            EdgeOcrError: the image is not admitted.
        """
        if picture_side is not None:
            entry.pictures = self._admission.pictures(self._sender.caller, picture_side)
        entry.options = options
        entry.size_bytes = len(source.data)
        entry.job = self._admission.admit(
            self._sender,
            source,
            options,
            self._events.deliver(entry),
            timeout_seconds,
            pictures=entry.pictures,
            in_chunks=in_chunks,
            held=held,
        )
        entry.job.name = entry.name

    def end(self) -> None:
        """Declares that there are no more images."""
        self._is_whole = True
        self._events.put(None)

    def refusal(self) -> EdgeOcrError | None:
        """The first image's refusal, if all were refused; to be called before there are events."""
        if any(entry.job is not None for entry in self._open):
            return None
        return next((entry.outcome.error for entry in self._open if entry.outcome is not None), None)

    def waiting(self) -> dict[Entry, int]:
        """The images that have not started, with the number of older jobs in the queue."""
        found = {}
        for entry in self._open:
            if entry.job is not None and (ahead := self._admission.ahead(entry.job)) is not None:
                found[entry] = ahead
        return found

    async def events(self) -> AsyncGenerator[tuple[Entry, Event], None]:
        """Yields events until all images are finished and no more will arrive; requesting the next event means that the
        previous one was sent."""
        while self._open or not self._is_whole:
            if (arrival := await self._events.get()) is None:
                continue
            arrivals = deque([arrival])
            while arrivals:
                entry, event = arrivals.popleft()
                if self.ordered and entry is not next(iter(self._open), None):
                    entry.early.append(event)
                    continue
                self._note(entry, event)
                yield entry, event
                self._sent(entry, event)
                if entry not in self._open and self.ordered and self._open:
                    following = next(iter(self._open))
                    arrivals.extend((following, early) for early in following.early)
                    following.early = []

    async def ends(self) -> list[tuple[str, Finished]]:
        """The outcomes of all images by name, in order."""
        async for _ in self.events():
            pass
        entries = sorted(self._kept, key=lambda entry: entry.index)
        return [(entry.name, entry.outcome) for entry in entries if entry.outcome is not None]

    async def results(self) -> list[Finished]:
        """The results of all images, in order.

        Raises:
            EdgeOcrError: an image could not be read; if there are several, the text begins with its index. The others
                are dropped when the session is closed.
        """
        self.end()
        async with aclosing(self.events()) as events:
            while (error := self._error()) is None and await anext(events, None) is not None:
                pass
        if error is None:
            return [entry.outcome for entry in self._kept if entry.outcome is not None]
        try:
            raise error
        finally:
            # The error's traceback refers to this frame, which must not refer to the error.
            del error

    def _error(self) -> EdgeOcrError | None:
        """The first error."""
        for entry in (*self._kept, *self._open):
            if entry.outcome is not None and (error := entry.outcome.error) is not None:
                if self.count > 1:
                    error.args = (f"image {entry.index}: {error}",)
                return error
        return None

    def close(self) -> None:
        """Cancels unfinished images, and releases the results of others; may be called again."""
        for entry in (*self._open, *self._kept):
            if entry.outcome is None:
                if entry.job is not None:
                    self._admission.cancel(entry.job)
                self._note_end(entry, None)
            elif entry.job is not None:
                entry.job.answer.release()
            entry.let_go()
        self._open.clear()
        self._kept.clear()
        self._events.clear()

    def _note(self, entry: Entry, event: Event) -> None:
        if isinstance(event, LineRead) and not entry.has_line:
            entry.has_line = True
            self._metrics.first_line(time.monotonic() - entry.received)
        elif isinstance(event, Finished) and entry.outcome is None:
            self._note_end(entry, event)

    def _note_end(self, entry: Entry, outcome: Finished | None) -> None:
        entry.outcome = outcome
        error = outcome.error if outcome is not None else None
        code = "CANCELLED" if outcome is None else error.code if error is not None else "OK"
        self._metrics.request(self._method, code, time.monotonic() - entry.received, self._record.trace_id)
        self._record.image(self._method, entry.received, code, error, entry.job, entry.size_bytes)
        self._trace.image(entry.received, entry.job, outcome)

    def _sent(self, entry: Entry, event: Event) -> None:
        if isinstance(event, PageDrawn) and entry.pictures is not None:
            entry.pictures.release(event)
        if self._sends_events and entry.job is not None:
            entry.job.took(event)
        if not isinstance(event, Finished):
            return
        # The session may have been closed meanwhile.
        self._open.pop(entry, None)
        self._has_place.set()
        if self._sends_events:
            entry.let_go()
        else:
            self._kept.append(entry)
