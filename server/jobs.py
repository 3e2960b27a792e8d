"""A job is one admitted image on its way through the queue and a worker.

Jobs are made and cancelled in the transport's event loop and run in worker threads. What a job produces goes to its
`deliver`, which is called in the worker's thread: any number of LineRead, then exactly one Finished.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from edgeocr.model.cost import Plan
from edgeocr.model.errors import Code, EdgeOcrError, Limit, TooLarge
from edgeocr.model.image import EncodedImage, ImageSource, Mode
from edgeocr.model.preparation import EVERYTHING, Preparation
from edgeocr.model.results import LineRead, Page
from edgeocr.model.trace import Stage, Trace
from edgeocr.server.budget import Hold, Use


class QueueFull(EdgeOcrError):
    """No room: try again later."""

    code = Code.RESOURCE_EXHAUSTED
    reason = "queue_full"

    def __init__(self, message: str, limit: Limit, retry_seconds: float) -> None:
        super().__init__(message)
        self.limit = limit
        self.retry_seconds = retry_seconds


class MemoryFull(QueueFull):
    """No memory for one more image: try again later."""

    reason = "memory_full"


class BeyondMemory(TooLarge):
    """Reading the image would take more memory than images may ever have."""

    reason = "beyond_memory"


class Draining(EdgeOcrError):
    """The server is about to stop: try another."""

    code = Code.UNAVAILABLE
    reason = "draining"


class DeadlineExceeded(EdgeOcrError):
    """The answer would come too late."""

    code = Code.DEADLINE_EXCEEDED


class Cancelled(EdgeOcrError):
    """Nobody waits for the answer."""

    code = Code.CANCELLED


@dataclass(frozen=True, slots=True)
class Timings:
    """Where an image's time went, in seconds; the total runs from receipt, the others add up over workers."""

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


@dataclass(slots=True, eq=False, weakref_slot=True)
class Job:
    """One image to read.

    Attributes:
        flow: who asks, as the transport tells callers apart; flows take turns in the queue.
        source: the image, which passed inspection; None once it is decoded.
        mode: page or line.
        size_bytes: of the image as sent.
        pixels: width × height by its header.
        plan: how it is read, and what that takes.
        hold: its share of the memory budget.
        deliver: takes the job's events, in the worker's thread.
        deadline: on the clock of time.monotonic(), from when on the answer is worthless.
        received: when the image arrived, on the same clock.
        allow_partial: whether the lines read until the deadline are better than none.
        preparation: what may be done for an image that is not upright and clean.
        started: when a worker took it, likewise.
        passed_over: how many jobs a worker took instead, since these fitted into the memory left and this one did not.
    """

    flow: str
    source: ImageSource | None
    mode: Mode
    size_bytes: int
    pixels: int
    plan: Plan
    hold: Hold
    deliver: Callable[[LineRead | Finished], None]
    deadline: float | None
    received: float
    allow_partial: bool = False
    preparation: Preparation = EVERYTHING
    started: float | None = None
    cancelled: bool = False
    passed_over: int = 0
    trace: Trace = field(default_factory=Trace)

    def is_late(self) -> bool:
        """Whether its deadline has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def check(self) -> None:
        """Raises Cancelled or DeadlineExceeded if going on is of no use."""
        if self.cancelled:
            raise Cancelled("the caller went away")
        if self.is_late():
            raise DeadlineExceeded("the deadline passed before the image was read")

    def let_go_of_source(self) -> None:
        """Frees the image as sent; pixels that were sent as they are read are still in use."""
        if isinstance(self.source, EncodedImage):
            self.hold.set(Use.WAITING, 0)
        self.source = None

    def finish(self, outcome: Finished) -> None:
        """Lets go of the image, which whoever still holds the job has no use for, and delivers the last event."""
        self.source = None
        self.hold.close()
        self.deliver(outcome)

    def queue_seconds(self) -> float:
        """How long the job waited, or has waited, for a worker."""
        return (self.started or time.monotonic()) - self.received

    def timings(self) -> Timings:
        """Where the time went so far."""
        seconds = self.trace.seconds
        return Timings(
            queue_seconds=self.queue_seconds(),
            decode_seconds=seconds.get(Stage.DECODE, 0.0),
            detect_seconds=seconds.get(Stage.DETECT, 0.0),
            recognise_seconds=seconds.get(Stage.RECOGNISE, 0.0),
            total_seconds=time.monotonic() - self.received,
        )
