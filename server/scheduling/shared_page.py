"""A page whose lines are read by its own worker and by idle workers."""

import threading
from collections import deque
from collections.abc import Sequence

from edgeocr.model.page import Batch, DetectedPage
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import LineRead
from edgeocr.model.timing import Trace
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Reservation, Use
from edgeocr.server.scheduling.job import Job


class SharedPage:
    """Distributes a page's batches and collects their results. Thread-safe.

    `job` is the page's job; `models` are those that detected its lines and must read them; `batch_bytes` is the memory
    of each batch.
    """

    def __init__(self, job: Job, detected: DetectedPage, models: Models, batch_bytes: int) -> None:
        self.models = models
        self.batch_bytes = batch_bytes
        self.job = job
        self._detected = detected
        self._waiting: deque[Batch] = deque()
        self._running = 0
        self._helping: deque[Reservation] = deque()
        self._lines: list[LineRead] = []
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def read_first(self, reader: Reader) -> DetectedPage:
        """Delivers the lines that are read before those of batches; returns the page as these are to be read."""
        self.job.check()
        for page, lines in reader.first_lines(self._detected, self.job.trace, self.job.check):
            self._detected = page
            self._lines += lines
            self.job.tell(lines, last=len(page.known) == len(page.polygons))
        return self._detected

    def distribute(self, batches: Sequence[Batch]) -> None:
        """Makes a page's batches available."""
        self._waiting.extend(batches)

    def has_work(self) -> bool:
        """Whether a batch is available."""
        return bool(self._waiting)

    def begin_help(self, budget: Budget) -> bool:
        """Reserves the memory for a helper's batch until `end_help`; returns whether there is room."""
        held = budget.try_reserve(Use.RUNNING, self.batch_bytes)
        if held is not None:
            self._helping.append(held)
        return held is not None

    def end_help(self) -> None:
        """Releases a helper's memory."""
        self._helping.pop().release()

    def read_batch(self, reader: Reader) -> bool:
        """Reads a batch and delivers its lines; False if none was left.

        An error in any worker ends the page and is raised by `wait`.
        """
        batch = self._take()
        if batch is None:
            return False
        trace = Trace()
        lines: Sequence[LineRead] = ()
        error: BaseException | None = None
        try:
            self.job.check()
            lines = reader.recognise(self._detected, batch, trace, self.job.check)
            self.job.tell(lines, last=self._is_last())
        except BaseException as caught:
            error = caught
        self._end(trace, lines, error)
        return True

    def wait(self) -> Sequence[LineRead]:
        """Waits until every batch is read or reading has stopped; returns all lines.

        Raises:
            BaseException: the first error.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._running)
            error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            # The error's traceback refers to frames that would refer back to it, and keep the pixels alive.
            del error
        return self._lines

    def lines(self) -> Sequence[LineRead]:
        """The lines read so far."""
        with self._changed:
            return tuple(self._lines)

    def _is_last(self) -> bool:
        """Whether the batch that a thread has just read was the last."""
        with self._changed:
            return not self._waiting and self._running == 1

    def _take(self) -> Batch | None:
        with self._changed:
            if not self._waiting:
                return None
            self._running += 1
            return self._waiting.popleft()

    def _end(self, trace: Trace, lines: Sequence[LineRead], error: BaseException | None) -> None:
        with self._changed:
            self._running -= 1
            self._lines += lines
            self.job.trace.add(trace)
            if error is not None:
                self._error = self._error or error
                self._waiting.clear()
            self._changed.notify_all()
