"""A page whose lines several workers read: its own worker, and any that has nothing else to do."""

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
    """Hands out a sheet's batches and gathers what they give; for any number of threads.

    `job` is whose page it is; `models` are those that found its lines and must read them; `batch_bytes` is the memory
    that each batch takes.
    """

    def __init__(
        self, job: Job, detected: DetectedPage, batches: Sequence[Batch], models: Models, batch_bytes: int
    ) -> None:
        self.models = models
        self.batch_bytes = batch_bytes
        self.job = job
        self._sheet = detected
        self._waiting = deque(batches)
        self._running = 0
        self._helping: deque[Reservation] = deque()
        self._lines: list[LineRead] = []
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def has_work(self) -> bool:
        """Whether a batch waits for a worker."""
        return bool(self._waiting)

    def begin_help(self, budget: Budget) -> bool:
        """Whether there is memory for a worker to help with a batch; it is held until `end_help`."""
        held = budget.try_reserve(Use.RUNNING, self.batch_bytes)
        if held is not None:
            self._helping.append(held)
        return held is not None

    def end_help(self) -> None:
        """A worker has helped."""
        self._helping.pop().release()

    def read_batch(self, reader: Reader) -> bool:
        """Reads a batch and delivers its lines; False if there was none left.

        What goes wrong is kept for `wait`, whichever worker meets it, and ends the page for all.
        """
        batch = self._take()
        if batch is None:
            return False
        trace = Trace()
        lines: Sequence[LineRead] = ()
        error: BaseException | None = None
        try:
            self.job.check()
            lines = reader.recognise(self._sheet, batch, trace, self.job.check)
            self.job.tell(lines, last=self._is_last())
        except BaseException as caught:
            error = caught
        self._end(trace, lines, error)
        return True

    def wait(self) -> Sequence[LineRead]:
        """Returns all lines, once every batch is read or reading has stopped.

        Raises:
            BaseException: what went wrong first.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._running)
            error, self._error = self._error, None
        try:
            if error is not None:
                raise error
        finally:
            # An error leads to its traceback, that to its frames, and they would lead back to it, with the pixels.
            del error
        return self._lines

    def lines(self) -> Sequence[LineRead]:
        """Those that are read so far."""
        with self._changed:
            return tuple(self._lines)

    def _is_last(self) -> bool:
        """Whether no batch but the one that a thread has just read is to come."""
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
