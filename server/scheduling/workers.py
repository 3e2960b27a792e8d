"""The fixed pool of worker threads, each with its own reader on the shared models."""

import logging
import math
import threading
import time
from contextlib import suppress

from edgeocr.model.errors import EdgeOcrError, OutOfMemory, expected
from edgeocr.model.files.document import PageSource
from edgeocr.model.memory_plan import batch_bytes
from edgeocr.model.options import DEFAULT_SETTINGS, ReaderSettings
from edgeocr.model.page import DetectedPage
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.pixels import Picture
from edgeocr.model.recognition.recogniser import BATCH_PIXELS
from edgeocr.model.results import Page
from edgeocr.server.decoder.job_decoder import JobDecoder, Waiting
from edgeocr.server.decoder.pool import DecoderPool
from edgeocr.server.errors import Cancelled, DeadlineExceeded, QueueFull, QueueTimeout
from edgeocr.server.host.heap import trim
from edgeocr.server.memory.budget import Budget
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.document import DocumentReader
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.shared_page import SharedPage

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.05
_TIGHT_FILL = 0.7
"""Fill of the budget from which the lines of a page are read one at a time."""


class WorkerPool:
    """Threads that take work from a queue until it is closed."""

    def __init__(
        self,
        count: int,
        models: Models,
        queue: JobQueue,
        budget: Budget,
        metrics: Metrics,
        decoders: DecoderPool,
        settings: ReaderSettings = DEFAULT_SETTINGS,
    ) -> None:
        """Takes how many threads there are, and what holds for all that they read.

        Raises:
            BadModel: they are to read with a recogniser that the models do not have.
        """
        self._settings = settings
        self._decoders = decoders
        self._queue = queue
        self._budget = budget
        self._metrics = metrics
        self._busy_since: dict[int, float] = {}
        self._jobs: dict[int, Job] = {}
        self._models = models
        self._readers = [self._reader(models) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def join(self, timeout_seconds: float) -> bool:
        """Waits for the threads to end after the queue is closed; False if one still runs."""
        end = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def busy(self) -> int:
        """The number of busy workers."""
        return len(self._busy_since)

    def longest_seconds(self) -> float:
        """Duration of the longest-running work; 0 if there is none."""
        since = min(list(self._busy_since.values()), default=None)
        return 0.0 if since is None else time.monotonic() - since

    def longest_work(self) -> str:
        """Describes the longest-running work for the log."""
        thread = min(list(self._busy_since), key=lambda one: self._busy_since.get(one, math.inf), default=0)
        job = self._jobs.get(thread)
        return "nothing" if job is None else job.described()

    @property
    def models(self) -> Models:
        """The current models."""
        return self._models

    def use(self, models: Models) -> None:
        """Sets the models for later jobs; started jobs finish with theirs.

        Raises:
            BadModel: they lack a recogniser; nothing changes.
        """
        self._readers = [self._reader(models) for _ in self._readers]
        self._models = models

    def _reader(self, models: Models) -> Reader:
        return Reader(models, self._settings)

    def _work(self, number: int) -> None:
        while self._work_once(number):
            pass

    def _work_once(self, number: int) -> bool:
        """Does one piece of work; False after the queue is closed. On return, no local name refers to the work."""
        work = self._queue.take()
        if work is None:
            return False
        reader = self._readers[number]
        thread = threading.get_ident()
        self._busy_since[thread] = time.monotonic()
        self._jobs[thread] = work.job if isinstance(work, SharedPage) else work
        try:
            if isinstance(work, SharedPage):
                self._help(reader, work)
            else:
                while self._run(reader, work):
                    self._busy_since[thread] = time.monotonic()
        except Exception:
            # No exception is expected here, but losing a worker would be worse than any.
            _log.exception("a worker could not finish its work")
        finally:
            del self._busy_since[thread], self._jobs[thread]
        return True

    def _help(self, reader: Reader, page: SharedPage) -> None:
        try:
            page.read_batch(reader if reader.models is page.models else self._reader(page.models))
        finally:
            page.end_help()

    def _run(self, reader: Reader, job: Job) -> bool:
        """Reads an image or a document's next page; returns whether the job continues immediately."""
        if (waited := job.begin()) is not None:
            self._metrics.waited(waited)
        more, error = False, None
        begun, pages = time.monotonic(), job.page_count
        try:
            more = self._advance(reader, job)
            if job.page_count > pages:
                self._metrics.page(time.monotonic() - begun)
        except Waiting:
            return not self._put_aside(job)
        except Exception as caught:
            # After any bug, the job gets an answer and the pool keeps its worker.
            error = expected(caught)
        if more:
            return not self._put_back(job)
        if error is not None:
            self._note(error.bare(), job)
        self._metrics.stages(job.queue_seconds(), job.trace)
        job.finish(job.outcome(error))
        return False

    def _open(self, reader: Reader, job: Job) -> DetectedPage:
        """Decodes an image and detects its lines."""
        job.check()
        assert job.source is not None
        picture = reader.decode(job.source, job.plan.reduction, job.trace, self._decoder(job))
        job.let_go_of_source()
        job.check()
        job.show(picture, 0)
        return self._find(reader, job, picture, 0)

    def _advance(self, reader: Reader, job: Job) -> bool:
        """Reads the image or the current page; returns whether there are more pages."""
        if (document_reader := job.document_reader) is None:
            job.add(self._read_lines(reader, job, self._open(reader, job)))
            return False
        job.check()
        if document_reader.source is not None:
            try:
                page = self._read_page(reader, job, document_reader, document_reader.source)
            except (Cancelled, DeadlineExceeded, Waiting):
                raise
            except Exception as error:
                lack = expected(error).bare()
                page = Page.failed(document_reader.index, lack)
                self._note_lack(lack)
            document_reader.done()
            job.add(page)
            job.check()
        if answered := document_reader.move_on(reader.models.manifest, self._budget, self._decoder(job)):
            job.add(answered)
        elif document_reader.source is not None:
            job.pixels += document_reader.pixels
            self._metrics.image_pixels(document_reader.pixels)
        return document_reader.has_more

    def _read_page(self, reader: Reader, job: Job, document_reader: DocumentReader, source: PageSource) -> Page:
        picture = reader.decode(source, job.plan.reduction, job.trace, self._decoder(job))
        job.check()
        job.show(picture, document_reader.index)
        return self._read_lines(reader, job, self._find(reader, job, picture, document_reader.index))

    @staticmethod
    def _find(reader: Reader, job: Job, picture: Picture, index: int) -> DetectedPage:
        options = job.options
        return reader.find(
            picture,
            options.mode,
            job.trace,
            index=index,
            preparation=options.preparation,
            reading=options.reading,
            check=job.check,
        )

    def _decoder(self, job: Job) -> JobDecoder:
        if job.decoder is None:
            job.decoder = JobDecoder(self._decoders, job.caller, job.stream, job.check, lambda: job.plan.finding_bytes)
        return job.decoder

    def _put_aside(self, job: Job) -> bool:
        """Puts a job aside while its decoder works; False if there is no place for it."""
        if job.decoder is None or not job.decoder.is_at_work:
            job.rest(job.plan)
        else:
            job.step_aside()
        return self._queued(job)

    def _put_back(self, job: Job) -> bool:
        """Returns a document to the queue before its next page; False if there is no place for it.

        In that case the worker continues with it when there is memory.
        """
        assert job.document_reader is not None
        job.rest(job.document_reader.plan)
        return self._queued(job)

    def _queued(self, job: Job) -> bool:
        while not (job.cancelled or job.is_late()):
            with suppress(QueueFull):
                self._queue.put(job)
                return True
            if job.takes_memory():
                break
            time.sleep(_LOOK_SECONDS)
        return False

    def _note(self, error: EdgeOcrError, job: Job) -> None:
        if isinstance(error, Cancelled | DeadlineExceeded):
            self._metrics.dropped(job.trace.last_stage or "queue", sum(job.trace.seconds.values()))
        self._note_lack(error)

    def _note_lack(self, error: EdgeOcrError | None) -> None:
        if isinstance(error, QueueTimeout):
            self._metrics.rejected(error.reason)
        if isinstance(error, OutOfMemory):
            _log.error("an allocation failed, with %.0f %% of the memory budget in use", 100 * self._budget.fill())
            self._metrics.rejected(error.reason)
            trim()

    def _read_lines(self, reader: Reader, job: Job, detected: DetectedPage) -> Page:
        """Reads a page's lines, with the help of idle workers."""
        beyond = _beyond_bytes(reader, detected)
        job.running.resize(job.plan.reading_bytes + beyond)
        shared = SharedPage(job, detected, reader.models, job.plan.batch_bytes + beyond)
        try:
            tried = shared.read_first(reader)
            tight = self._budget.fill() > _TIGHT_FILL
            batches = reader.batches(tried, 1 if tight else BATCH_PIXELS)
            shared.distribute(batches)
            if len(batches) > 1:
                self._queue.share(shared)
            while shared.read_batch(reader):
                pass
            lines, partial = shared.wait(), False
        except DeadlineExceeded:
            lines, partial = shared.lines(), True
            if not (job.options.allow_partial and lines):
                raise
            self._metrics.partial_page()
        finally:
            self._queue.withdraw(shared)
        for line in lines:
            self._metrics.line_confidence(line.line.confidence)
        return detected.page(lines, partial=partial)


def _beyond_bytes(reader: Reader, detected: DetectedPage) -> int:
    """What a page's widest line takes beyond what is planned for a batch."""
    widest = max((batch.bucket for batch in reader.batches(detected, 1)), default=0)
    if widest <= BATCH_PIXELS:
        return 0
    manifest = reader.models.manifest
    return batch_bytes(manifest, widest) - batch_bytes(manifest, BATCH_PIXELS)
