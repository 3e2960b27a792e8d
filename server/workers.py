"""The fixed pool of worker threads, each with a reader of its own on the shared models."""

import logging
import threading
import time

from edgeocr.model.cost import batch_bytes
from edgeocr.model.errors import INTERNAL_TEXT, EdgeOcrError, OutOfMemory
from edgeocr.model.pipeline import Models, Reader, Sheet
from edgeocr.model.recogniser import BATCH_PIXELS
from edgeocr.model.results import Page
from edgeocr.server.budget import Budget, Use
from edgeocr.server.heap import trim
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.jobs import Cancelled, DeadlineExceeded, Finished, Job
from edgeocr.server.metrics import Metrics
from edgeocr.server.shared_page import SharedPage

_log = logging.getLogger(__name__)
_TIGHT_FILL = 0.7
"""The budget's fill from which the lines of a page are read one at a time."""


class WorkerPool:
    """Takes work from a queue until that is closed."""

    def __init__(self, count: int, models: Models, queue: JobQueue, budget: Budget, metrics: Metrics) -> None:
        self._queue = queue
        self._budget = budget
        self._metrics = metrics
        self._busy_since: dict[int, float] = {}
        self._models = models
        self._readers = [Reader(models) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=(number,), name=f"worker-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def join(self, timeout_seconds: float) -> bool:
        """Waits for the threads to end after the queue was closed; False if one still runs."""
        end = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def busy(self) -> int:
        """Workers that do something."""
        return len(self._busy_since)

    def longest_seconds(self) -> float:
        """How long the worker that is busy longest has been at its work; 0 if none is."""
        since = min(list(self._busy_since.values()), default=None)
        return 0.0 if since is None else time.monotonic() - since

    @property
    def models(self) -> Models:
        """Those that jobs are read with."""
        return self._models

    def use(self, models: Models) -> None:
        """Reads all jobs that are not begun with other models; those that are begun are finished with theirs."""
        self._models = models
        self._readers = [Reader(models) for _ in self._readers]

    def _work(self, number: int) -> None:
        while self._work_once(number):
            pass

    def _work_once(self, number: int) -> bool:
        """Does one piece of work; False once the queue is closed. On its return no name here holds the work."""
        work = self._queue.take()
        if work is None:
            return False
        reader = self._readers[number]
        thread = threading.get_ident()
        self._busy_since[thread] = time.monotonic()
        try:
            if isinstance(work, SharedPage):
                self._help(reader, work)
            else:
                work.finish(self._run(reader, work))
        except Exception:
            # Nothing is expected here, and a pool that shrinks would be worse than whatever it is.
            _log.exception("a worker could not finish its work")
        finally:
            del self._busy_since[thread]
        return True

    def _help(self, reader: Reader, page: SharedPage) -> None:
        try:
            page.read_batch(reader if reader.models is page.models else Reader(page.models))
        finally:
            self._budget.adjust(Use.RUNNING, -page.batch_bytes)

    def _run(self, reader: Reader, job: Job) -> Finished:
        job.started = time.monotonic()
        pages: tuple[Page, ...] = ()
        error: EdgeOcrError | None = None
        try:
            pages = (self._read(reader, job),)
        except EdgeOcrError as expected:
            error = expected
        except MemoryError:
            error = OutOfMemory()
        except Exception:
            # Whatever a bug raises, the job gets its answer and the pool keeps its worker.
            _log.exception("an image could not be read")
            error = EdgeOcrError(INTERNAL_TEXT)
        if error is not None:
            self._note(error.bare(), job)
        self._metrics.stages(job.queue_seconds(), job.trace)
        return Finished(pages, error, job.timings())

    def _note(self, error: EdgeOcrError, job: Job) -> None:
        if isinstance(error, Cancelled | DeadlineExceeded):
            self._metrics.dropped(job.trace.last_stage or "queue", sum(job.trace.seconds.values()))
        elif isinstance(error, OutOfMemory):
            _log.error("an allocation failed, with %.0f %% of the memory budget in use", 100 * self._budget.fill())
            self._metrics.rejected(error.reason)
            trim()

    def _read(self, reader: Reader, job: Job) -> Page:
        job.check()
        assert job.source is not None
        picture = reader.decode(job.source, job.plan.reduction, job.trace)
        job.let_go_of_source()
        job.check()
        sheet = reader.find(picture, job.mode, job.trace, preparation=job.preparation)
        return self._read_lines(reader, job, sheet)

    def _read_lines(self, reader: Reader, job: Job, sheet: Sheet) -> Page:
        """Reads a sheet, with the help of workers that have no job of their own."""
        job.hold.set(Use.RUNNING, job.plan.reading_bytes)
        tight = self._budget.fill() > _TIGHT_FILL
        batches = reader.batches(sheet, 1 if tight else BATCH_PIXELS)
        # Lines may be longer than the plan could know.
        spec = reader.models.manifest.recogniser
        widest = max((batch.bucket * len(batch.lines) for batch in batches), default=0)
        beyond = max(0, batch_bytes(spec, widest) - batch_bytes(spec, BATCH_PIXELS))
        job.hold.set(Use.RUNNING, job.plan.reading_bytes + beyond)
        shared = SharedPage(job, sheet, batches, reader.models, job.plan.batch_bytes + beyond)
        try:
            if len(batches) > 1:
                self._queue.share(shared)
            while shared.read_batch(reader):
                pass
            lines, partial = shared.wait(), False
        except DeadlineExceeded:
            lines, partial = shared.lines(), True
            if not (job.allow_partial and lines):
                raise
            self._metrics.partial_page()
        finally:
            self._queue.withdraw(shared)
        for line in lines:
            self._metrics.line_confidence(line.line.confidence)
        return sheet.page(lines, partial=partial)
