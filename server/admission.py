"""Admission: the one door to the queue, with the same rule for every transport and for unary and stream alike."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edgeocr.model.cost import Plan, plan
from edgeocr.model.errors import EdgeOcrError, Limit
from edgeocr.model.image import ImageSource, Mode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.manifest import Manifest
from edgeocr.model.preparation import EVERYTHING, Preparation
from edgeocr.model.results import LineRead
from edgeocr.server.budget import Budget, Hold, Use
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.jobs import BeyondMemory, DeadlineExceeded, Draining, Finished, Job, MemoryFull
from edgeocr.server.metrics import Metrics


class Admission:
    """Looks at an image's header and either queues a job for it or says no at once."""

    def __init__(self, queue: JobQueue, budget: Budget, limits: Limits, manifest: Manifest, metrics: Metrics) -> None:
        self._queue = queue
        self._budget = budget
        self._limits = limits
        self._manifest = manifest
        self._metrics = metrics
        self._draining = False

    def use(self, manifest: Manifest) -> None:
        """From now on reckons with other networks."""
        self._manifest = manifest

    def admit(
        self,
        flow: str,
        source: ImageSource,
        mode: Mode,
        deliver: Callable[[LineRead | Finished], None],
        timeout_seconds: float | None,
        allow_partial: bool = False,
        *,
        preparation: Preparation = EVERYTHING,
    ) -> Job:
        """Queues an image.

        Args:
            flow: who asks, as the transport tells callers apart; flows take turns.
            source: the image.
            mode: page or line.
            deliver: takes its events, in a worker's thread.
            timeout_seconds: from now on; None for no deadline.
            allow_partial: whether a page's lines so far are wanted when the deadline passes.
            preparation: what may be done for an image that is not upright and clean.

        Raises:
            EdgeOcrError: the image is refused; nothing is delivered then.
        """
        received = time.monotonic()
        size_bytes = len(source.data)
        try:
            if self._draining:
                raise Draining("the server is shutting down")
            header = inspect(source, mode, self._limits)
            made = plan(header, size_bytes, mode, self._manifest, self._budget.most_bytes(Use.RUNNING))
            self._check_memory(made)
            hold = self._hold(size_bytes)
            deadline = None if timeout_seconds is None else received + timeout_seconds
            pixels = header.width * header.height
            job = Job(
                flow,
                source,
                mode,
                size_bytes,
                pixels,
                made,
                hold,
                deliver,
                deadline,
                received,
                allow_partial,
                preparation=preparation,
            )
            try:
                self._queue.put(job)
            except EdgeOcrError:
                hold.close()
                raise
        except EdgeOcrError as error:
            if error.reason:
                self._metrics.rejected(error.reason)
            raise
        self._metrics.image_pixels(pixels)
        return job

    @contextmanager
    def holding(self, size_bytes: int) -> Iterator[None]:
        """Reckons with images that are there but not to be admitted yet, while its block runs."""
        self._budget.adjust(Use.WAITING, size_bytes)
        try:
            yield
        finally:
            self._budget.adjust(Use.WAITING, -size_bytes)

    def cancel(self, job: Job) -> None:
        """Ends a job that nobody waits for: in the queue at once, in a worker at its next checkpoint."""
        job.cancelled = True
        if self._queue.remove(job):
            job.source = None
            job.hold.close()
            self._metrics.dropped("queue", 0.0)

    def drop_late(self) -> None:
        """Ends the jobs in the queue whose deadline has passed, and frees what they hold."""
        for job in self._queue.take_late():
            self._metrics.dropped("queue", 0.0)
            job.finish(Finished((), DeadlineExceeded("the deadline passed before a worker was free"), job.timings()))

    def close(self) -> None:
        """From now on refuses everything."""
        self._draining = True

    def _check_memory(self, made: Plan) -> None:
        most = self._budget.most_bytes(Use.RUNNING)
        if made.peak_bytes > most:
            raise BeyondMemory(
                f"image: reading it takes about {made.peak_bytes} bytes, and the memory budget of "
                f"{self._budget.total_bytes} (memory_budget_bytes) leaves {most} for that (image_memory_bytes)",
                Limit("image_memory_bytes", most, made.peak_bytes),
            )

    def _hold(self, size_bytes: int) -> Hold:
        if not self._budget.take(Use.WAITING, size_bytes):
            held = self._budget.used_bytes()[Use.WAITING] + size_bytes
            raise MemoryFull(
                f"images that wait take as much memory as they may, {self._budget.most_bytes(Use.WAITING)} bytes "
                f"(waiting_bytes) of the memory budget of {self._budget.total_bytes} (memory_budget_bytes)",
                Limit("waiting_bytes", self._budget.most_bytes(Use.WAITING), held),
                self._queue.retry_seconds(),
            )
        return Hold(self._budget, size_bytes)
