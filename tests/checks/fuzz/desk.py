"""What the targets share: limits, what an error may be, and a door to a queue that answers at once."""

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
    """Knows that nobody else is there to wait for."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As usual, but for a loop in which nothing is left to do for long."""
        if timeout is None or timeout > _SECONDS:
            raise TimeoutError("it waits for what never comes")
        return super().select(timeout)


_LOOP = asyncio.SelectorEventLoop(_Selector())


def run(work: Coroutine[object, object, None]) -> None:
    """Runs what waits for nothing but itself."""
    _LOOP.run_until_complete(work)


def check_error(error: EdgeOcrError, *codes: Code) -> None:
    """An error must be of those that a client may see for what it sent, or of one of the codes."""
    assert error.code in (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED, *codes), error
    convert.status_message(error).SerializeToString()


class InstantQueue:
    """Finishes each job when it is put, or is full now and then."""

    def __init__(self, choose: Callable[[], int], heed: Callable[[Job], None] = lambda _: None) -> None:
        """Takes how many lines the next image has, or -1 for no place, and who else sees each job."""
        self._choose = choose
        self._heed = heed

    def check(self, caller: str) -> None:
        """Finds room always; `put` may be of another mind."""

    def retry_seconds(self) -> float:
        """Some time."""
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


class Desk:
    """An admission before a queue that answers at once, and the calls of a transport."""

    def __init__(self, queue: InstantQueue, total_bytes: int = 1 << 30, limits: Limits = LIMITS) -> None:
        self.budget = Budget(total_bytes)
        self.admission = Admission(queue, self.budget, limits, MANIFEST, METRICS, 300)  # type: ignore[arg-type]
        self.lifecycle = Lifecycle(NoTracing())

    def check_nothing_is_left(self) -> None:
        """All memory must be given back, and no call be open."""
        assert self.budget.used_bytes() == dict.fromkeys(Use, 0), self.budget.used_bytes()
        assert not self.lifecycle._open, self.lifecycle._open
