"""A job is one admitted image on its way through the queue and a worker; the queue is bounded and first in, first out.

Jobs are made and cancelled in the transport's event loop and run in worker threads. What a job produces goes to its
`deliver`, which is called in the worker's thread: any number of LineRead, then exactly one Finished.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.model.image import ImageSource, Mode
from edgeocr.model.pipeline import Stage, Trace
from edgeocr.model.results import LineRead, Page


class QueueFull(EdgeOcrError):
    """No room: try again later."""

    code = Code.RESOURCE_EXHAUSTED


class Draining(EdgeOcrError):
    """The server is about to stop: try another."""

    code = Code.UNAVAILABLE


class DeadlineExceeded(EdgeOcrError):
    """The answer would come too late."""

    code = Code.DEADLINE_EXCEEDED


class Cancelled(EdgeOcrError):
    """Nobody waits for the answer."""

    code = Code.CANCELLED


@dataclass(frozen=True, slots=True)
class Timings:
    """Where an image's time went, in seconds; the total runs from receipt."""

    queue_seconds: float = 0.0
    decode_seconds: float = 0.0
    detect_seconds: float = 0.0
    recognise_seconds: float = 0.0
    total_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a job: its pages, or the error that a client may see."""

    pages: tuple[Page, ...]
    error: EdgeOcrError | None
    timings: Timings


@dataclass(slots=True, eq=False)
class Job:
    """One image to read.

    Attributes:
        source: the image; it passed inspection.
        mode: page or line.
        size_bytes: of the image as sent.
        pixels: width × height by its header.
        deliver: takes the job's events, in the worker's thread.
        deadline: on the clock of time.monotonic(), from when on the answer is worthless.
        received: when the image arrived, on the same clock.
        started: when a worker took it, likewise.
    """

    source: ImageSource
    mode: Mode
    size_bytes: int
    pixels: int
    deliver: Callable[[LineRead | Finished], None]
    deadline: float | None
    received: float
    started: float | None = None
    cancelled: bool = False
    trace: Trace = field(default_factory=Trace)

    def __post_init__(self) -> None:
        self.trace.checkpoint = self.check

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded if going on is of no use."""
        if self.cancelled:
            raise Cancelled("the caller went away")
        if self.deadline is not None and time.monotonic() >= self.deadline:
            raise DeadlineExceeded("the deadline passed before the image was read")

    def timings(self) -> Timings:
        """Where the time went so far."""
        now = time.monotonic()
        seconds = self.trace.seconds
        return Timings(
            queue_seconds=(self.started or now) - self.received,
            decode_seconds=seconds[Stage.DECODE],
            detect_seconds=seconds[Stage.DETECT],
            recognise_seconds=seconds[Stage.RECOGNISE],
            total_seconds=now - self.received,
        )


class JobQueue:
    """Bounded, thread-safe, first in, first out; a cancelled job leaves it at once."""

    def __init__(self, most_images: int) -> None:
        self._most_images = most_images
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._size_bytes = 0

    def put(self, job: Job) -> None:
        """Adds a job.

        Raises:
            QueueFull: as many jobs as allowed wait already.
        """
        with self._changed:
            if len(self._jobs) >= self._most_images:
                raise QueueFull(f"{self._most_images} images are waiting, which is the limit (queue_images)")
            self._jobs.append(job)
            self._size_bytes += job.size_bytes
            self._changed.notify()

    def take(self) -> Job | None:
        """The oldest job, once there is one; None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if self._closed:
                return None
            job = self._jobs.popleft()
            self._size_bytes -= job.size_bytes
            return job

    def remove(self, job: Job) -> bool:
        """Takes a job out wherever it stands; False if a worker has it."""
        with self._changed:
            if job not in self._jobs:
                return False
            self._jobs.remove(job)
            self._size_bytes -= job.size_bytes
            return True

    def close(self) -> None:
        """Lets every `take` return None; jobs still in it are never run."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def length(self) -> int:
        """Jobs waiting."""
        return len(self._jobs)

    def size_bytes(self) -> int:
        """Bytes of the images waiting, as sent."""
        return self._size_bytes
