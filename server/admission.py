"""Admission: the one door to the queue, with the same rule for every transport and for unary and stream alike."""

import time
from collections.abc import Callable

from edgeocr.model.errors import EdgeOcrError, TooLarge
from edgeocr.model.image import ImageSource, Mode, inspect
from edgeocr.model.limits import Limits
from edgeocr.model.results import LineRead
from edgeocr.server.job_queue import JobQueue
from edgeocr.server.jobs import Draining, Finished, Job, QueueFull
from edgeocr.server.metrics import Metrics

_REASONS: dict[type[EdgeOcrError], str] = {QueueFull: "queue_full", Draining: "draining", TooLarge: "too_large"}


class Admission:
    """Looks at an image's header and either queues a job for it or says no at once."""

    def __init__(self, queue: JobQueue, limits: Limits, metrics: Metrics) -> None:
        self._queue = queue
        self._limits = limits
        self._metrics = metrics
        self._draining = False

    def admit(
        self,
        flow: str,
        source: ImageSource,
        mode: Mode,
        deliver: Callable[[LineRead | Finished], None],
        timeout_seconds: float | None,
    ) -> Job:
        """Queues an image.

        Args:
            flow: who asks, as the transport tells callers apart; flows take turns.
            source: the image.
            mode: page or line.
            deliver: takes its events, in a worker's thread.
            timeout_seconds: from now on; None for no deadline.

        Raises:
            EdgeOcrError: the image is refused; nothing is delivered then.
        """
        received = time.monotonic()
        try:
            if self._draining:
                raise Draining("the server is shutting down")
            header = inspect(source, mode, self._limits)
            deadline = None if timeout_seconds is None else received + timeout_seconds
            job = Job(flow, source, mode, len(source.data), header.width * header.height, deliver, deadline, received)
            self._queue.put(job)
        except EdgeOcrError as error:
            if reason := _REASONS.get(type(error)):
                self._metrics.rejected(reason)
            raise
        self._metrics.image_pixels(job.pixels)
        return job

    def cancel(self, job: Job) -> None:
        """Ends a job that nobody waits for: in the queue at once, in a worker at its next checkpoint."""
        job.cancelled = True
        if self._queue.remove(job):
            self._metrics.dropped("queue", 0.0)

    def close(self) -> None:
        """From now on refuses everything."""
        self._draining = True
