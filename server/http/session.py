"""The images of one request: they come in while others are read, and each has its own outcome.

An image takes a place in the window before more of the body is taken and gives it back once it is done. So a long batch
is read as it comes, and most of it waits in the connection.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field

from edgeocr.model.errors import EdgeOcrError, Limit, TooLarge
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.results import LineRead
from edgeocr.server.http.bodies.uploads import Images, UploadedFile
from edgeocr.server.http.options import Options
from edgeocr.server.memory.previews import PageDrawn, PagePreviews
from edgeocr.server.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.delivery import ResultQueue
from edgeocr.server.scheduling.events import Event, Finished, Timings
from edgeocr.server.scheduling.job import Job
from edgeocr.server.tracing.tracer import CallTrace

METHOD, STREAM_METHOD = "HttpRecognize", "HttpRecognizeStream"
MOST_IMAGES = 1000


@dataclass(slots=True, eq=False)
class Entry:
    """One image of the request."""

    index: int
    name: str
    with_characters: bool
    received: float = field(default_factory=time.monotonic)
    job: Job | None = None
    pictures: PagePreviews | None = None
    has_line: bool = False
    outcome: Finished | None = None


class Session:
    """The state of one request; `receive` runs beside `outcomes` or before `events`."""

    def __init__(
        self,
        admission: Admission,
        metrics: Metrics,
        trace: CallTrace,
        *,
        caller: str,
        window_images: int,
        streams: bool,
    ) -> None:
        self._admission = admission
        self._metrics = metrics
        self._trace = trace
        self._caller = caller
        self._window_images = window_images
        self._window = asyncio.Semaphore(window_images)
        self._streams = streams
        self._result_queue: ResultQueue[Entry] = ResultQueue()
        self._received_all = False
        self.entries: list[Entry] = []

    async def receive(self, images: Images) -> None:
        """Admits images until the body ends.

        Raises:
            EdgeOcrError: the body is not as it should be.
        """
        try:
            async with aclosing(images):
                async for arrival, options in images:
                    if not self._streams:
                        await self._window.acquire()
                    self._admit(arrival, options)
        finally:
            self._received_all = True
            self._result_queue.put(None)

    def _admit(self, arrival: UploadedFile, options: Options) -> None:
        most = self._window_images if self._streams else MOST_IMAGES
        if len(self.entries) >= most:
            name = "stream_images" if self._streams else "batch_images"
            raise TooLarge(
                f"image: {most} of one request are the limit ({name})", Limit(name, most, len(self.entries) + 1)
            )
        entry = Entry(len(self.entries), arrival.name, options.characters)
        self.entries.append(entry)
        if options.pictures:
            entry.pictures = self._admission.pictures(self._caller)
        data, held = arrival.upload.hand_over()
        source = EncodedImage(data)
        del data
        try:
            entry.job = self._admission.admit(
                self._caller,
                source,
                options.read_mode(),
                self._result_queue.deliver(entry),
                options.timeout,
                options.partial,
                document=options.document(),
                preparation=options.preparation(),
                with_characters=options.characters,
                sends_lines=self._streams,
                sends_pages=self._streams,
                pictures=entry.pictures,
                in_chunks=True,
                held=held,
            )
        except EdgeOcrError as error:
            held.release()
            timings = Timings(total_seconds=time.monotonic() - entry.received)
            self._result_queue.put((entry, Finished((), error.bare(), timings)))

    def refusal(self) -> EdgeOcrError | None:
        """Why none of the images was admitted, by the first, and their end then; None if one was."""
        if any(entry.job is not None for entry in self.entries):
            return None
        for entry, event in self._result_queue.waiting():
            assert isinstance(event, Finished), "who has no job has no other events"
            self._end(entry, event)
        return next((entry.outcome.error for entry in self.entries if entry.outcome is not None), None)

    async def outcomes(self) -> list[tuple[str, Finished]]:
        """What became of each image, once all are done, by their names; held in the budget until it is closed."""
        async for entry, _ in self.events():
            if entry.outcome is not None:
                self._window.release()
        return [(entry.name, entry.outcome) for entry in self.entries if entry.outcome is not None]

    async def events(self) -> AsyncIterator[tuple[Entry, Event]]:
        """What happens, until every image that came has its end and no more will come."""
        open_entries = 0
        while not self._received_all or any(entry.outcome is None for entry in self.entries[open_entries:]):
            if (arrival := await self._result_queue.get()) is None:
                continue
            entry, event = arrival
            if isinstance(event, LineRead):
                self._note_line(entry)
            elif isinstance(event, Finished):
                self._end(entry, event)
                while open_entries < len(self.entries) and self.entries[open_entries].outcome is not None:
                    open_entries += 1
            yield entry, event
            if entry.job is not None and self._streams:
                entry.job.took(event)
            if isinstance(event, PageDrawn) and entry.pictures is not None:
                entry.pictures.release(event)

    def close(self) -> None:
        """Ends the work for images that have no outcome yet, and lets go of the others' outcomes."""
        for entry in self.entries:
            if entry.pictures is not None:
                entry.pictures.close()
            if entry.outcome is None:
                if entry.job is not None:
                    self._admission.cancel(entry.job)
                self._note_end(entry, "CANCELLED", None)
            elif entry.job is not None:
                entry.job.answer.release()

    def _end(self, entry: Entry, outcome: Finished) -> None:
        entry.outcome = outcome
        self._note_end(entry, outcome.error.code if outcome.error else "OK", outcome)

    def _note_line(self, entry: Entry) -> None:
        if not entry.has_line:
            entry.has_line = True
            self._metrics.first_line(time.monotonic() - entry.received)

    def _note_end(self, entry: Entry, code: str, outcome: Finished | None) -> None:
        method = STREAM_METHOD if self._streams else METHOD
        self._metrics.request(method, code, time.monotonic() - entry.received)
        self._trace.image(entry.received, entry.job, outcome)
