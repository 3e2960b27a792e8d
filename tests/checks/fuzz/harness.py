"""What the targets share: limits, checks of errors, and an admission whose queue answers at once."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine

from edgeocr.model.errors import Code, EdgeOcrError, Limit
from edgeocr.model.limits import Limits
from edgeocr.model.networks.manifest import DEFAULT_FOLDER, load_manifest
from edgeocr.model.results import Character, Line, LineRead, Page
from edgeocr.server.errors import QueueFull
from edgeocr.server.grpc.messages import convert
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.job import Job
from edgeocr.server.tracing.tracer import NoTracing

LIMITS = Limits(image_bytes=1 << 20, file_bytes=1 << 20, image_pixels=1 << 20)
MANIFEST = load_manifest(DEFAULT_FOLDER)
METRICS = Metrics()
_SECONDS = 1.0
_POLYGON = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
_LINE = Line(_POLYGON, "text", 0.5, (Character("t", 0.5, 0.0, 1.0),))


class _Selector(selectors.DefaultSelector):
    """Fails if the loop would wait: no other task or process is there to wake it."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Select as usual; raises TimeoutError if the loop has nothing to do for long."""
        if timeout is None or timeout > _SECONDS:
            raise TimeoutError("the loop waits for an event that never occurs")
        return super().select(timeout)


_LOOP = asyncio.SelectorEventLoop(_Selector())


def run(work: Coroutine[object, object, None]) -> None:
    """Runs a coroutine that waits for no event from outside."""
    _LOOP.run_until_complete(work)


def check_error(error: EdgeOcrError, *codes: Code) -> None:
    """Asserts that an error has a code for invalid or too large input, or one of the given codes."""
    assert error.code in (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED, *codes), error
    convert.status_message(error).SerializeToString()


class InstantQueue:
    """Finishes each job when it is put, or is sometimes full."""

    def __init__(self, choose: Callable[[], int], heed: Callable[[Job], None] = lambda _: None) -> None:
        """Takes functions: the next image's number of lines, or -1 for a full queue; an observer of jobs."""
        self._choose = choose
        self._heed = heed

    def check(self, caller: str) -> None:
        """Always finds room, though `put` may then refuse."""

    def retry_seconds(self) -> float:
        """A constant."""
        return 0.5

    def put(self, job: Job) -> None:
        """Refuses, or delivers some lines and the end."""
        count = self._choose()
        if count < 0:
            raise QueueFull("full", Limit("queue_images", 1, 2), 0.5)
        self._heed(job)
        lines = (_LINE,) * count
        job.tell([LineRead(0, number, line) for number, line in enumerate(lines)], last=False)
        job.add(Page(0, 9, 9, lines))
        job.finish(job.outcome(None))

    def remove(self, job: Job) -> bool:
        """Never finds one."""
        return False


class Harness:
    """An admission with a queue that answers at once, and the lifecycle of a transport's calls."""

    def __init__(self, queue: InstantQueue, total_bytes: int = 1 << 30, limits: Limits = LIMITS) -> None:
        self.budget = Budget(total_bytes)
        self.admission = Admission(queue, self.budget, limits, MANIFEST, METRICS, 300)  # type: ignore[arg-type]
        self.lifecycle = Lifecycle(NoTracing())

    def check_nothing_is_left(self) -> None:
        """Asserts that all memory is released and no call is open."""
        assert self.budget.used_bytes() == dict.fromkeys(Use, 0), self.budget.used_bytes()
        assert not self.lifecycle._open, self.lifecycle._open
