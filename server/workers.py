"""The fixed pool of worker threads, each with a reader of its own on the shared models."""

import logging
import threading
import time

from edgeocr.model.errors import INTERNAL_TEXT, EdgeOcrError
from edgeocr.model.image import Picture
from edgeocr.model.pipeline import Models, Reader, Sheet
from edgeocr.model.results import Page
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.jobs import Cancelled, DeadlineExceeded, Finished, Job
from edgeocr.server.metrics import Metrics
from edgeocr.server.shared_page import SharedPage

_log = logging.getLogger(__name__)


class WorkerPool:
    """Takes work from a queue until that is closed."""

    def __init__(self, count: int, models: Models, queue: JobQueue, metrics: Metrics) -> None:
        self._queue = queue
        self._metrics = metrics
        self._busy_since: dict[int, float] = {}
        readers = [Reader(models) for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._work, args=(reader,), name=f"worker-{number}", daemon=True)
            for number, reader in enumerate(readers)
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

    def _work(self, reader: Reader) -> None:
        while self._work_once(reader):
            pass

    def _work_once(self, reader: Reader) -> bool:
        """Does one piece of work; False once the queue is closed. On its return no name here holds the work."""
        work = self._queue.take()
        if work is None:
            return False
        thread = threading.get_ident()
        self._busy_since[thread] = time.monotonic()
        try:
            if isinstance(work, SharedPage):
                work.read_batch(reader)
            else:
                work.finish(self._run(reader, work))
        finally:
            del self._busy_since[thread]
        return True

    def _run(self, reader: Reader, job: Job) -> Finished:
        job.started = time.monotonic()
        pages: list[Page] = []
        picture: Picture | None = None
        error: EdgeOcrError | None = None
        try:
            job.check()
            assert job.source is not None
            picture = reader.decode(job.source, 1, job.trace)
            job.check()
            pages.append(self._read_page(reader, job, reader.find(picture, job.mode, job.trace)))
        except EdgeOcrError as expected:
            # Without its traceback, whose frames hold the pixels and would hold the error in turn.
            error = expected.with_traceback(None)
        except Exception:
            # Whatever a bug raises, the job gets its answer and the pool keeps its worker.
            _log.exception("an image could not be read")
            error = EdgeOcrError(INTERNAL_TEXT)
        if isinstance(error, Cancelled | DeadlineExceeded):
            self._metrics.dropped(job.trace.last_stage or "queue", sum(job.trace.seconds.values()))
        self._metrics.stages(job.queue_seconds(), job.trace)
        return Finished(() if error else tuple(pages), error, job.timings())

    def _read_page(self, reader: Reader, job: Job, sheet: Sheet) -> Page:
        """Reads a sheet, with the help of workers that have no job of their own."""
        batches = reader.batches(sheet)
        shared = SharedPage(job, sheet, batches)
        try:
            if len(batches) > 1:
                self._queue.share(shared)
            while shared.read_batch(reader):
                pass
            lines = shared.wait()
        finally:
            self._queue.withdraw(shared)
        for line in lines:
            self._metrics.line_confidence(line.line.confidence)
        return sheet.page(lines)
