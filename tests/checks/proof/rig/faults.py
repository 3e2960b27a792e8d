"""Faults by name: functions that alter the server's classes in this process, for good."""

import asyncio
import atexit
import itertools
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

from edgeocr.model.errors import INTERNAL_TEXT, EdgeOcrError
from edgeocr.model.files.opening.decoder import LOCAL, Decoded, Patches
from edgeocr.model.files.opening.requests import Request
from edgeocr.server import server
from edgeocr.server.decoder.job_decoder import JobDecoder
from edgeocr.server.grpc.interceptors.open_calls import OpenCalls
from edgeocr.server.grpc.interceptors.pending_reads import PendingReads
from edgeocr.server.grpc.interceptors.turns import Turns
from edgeocr.server.grpc.server import GrpcServer
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.memory.monitor import MemoryMonitor
from edgeocr.server.scheduling import workers
from edgeocr.server.scheduling.admission import Admission
from edgeocr.server.scheduling.events import Finished
from edgeocr.server.scheduling.job import Job
from edgeocr.server.scheduling.queue import JobQueue
from edgeocr.server.scheduling.workers import WorkerPool
from tests.checks.proof.rig.sleeping_reader import SECONDS, SleepingReader

_LEAKED: list[object] = []


def sleep() -> None:
    """Replaces reading by a millisecond's sleep: what is left is the front."""
    workers.Reader = partial(SleepingReader, seconds=SECONDS)


def doze() -> None:
    """Replaces reading by a longer sleep: a capacity that does not depend on the machine."""
    workers.Reader = partial(SleepingReader, seconds=0.025)


def dawdle() -> None:
    """Replaces reading by a sleep that is too long."""
    workers.Reader = partial(SleepingReader, seconds=3.0)


def _after_each_run(then: Callable[[Finished], Finished]) -> None:
    finish = Job.finish

    def altered(self, outcome):
        finish(self, then(outcome))

    Job.finish = altered


def _leak_bytes(count: int) -> None:
    def keep(finished: Finished) -> Finished:
        _LEAKED.append(random.randbytes(count))
        return finished

    _after_each_run(keep)


def leak() -> None:
    """Keeps 4 KB for every image: 40 MB for 10,000."""
    _leak_bytes(4096)


def seep() -> None:
    """Keeps 64 KB for every image: a few hundred show it, and still have room."""
    _leak_bytes(1 << 16)


def gush() -> None:
    """Keeps half a megabyte for every image."""
    _leak_bytes(1 << 19)


def slow() -> None:
    """Takes as long again over each image, and as much of the processor's time."""
    run = WorkerPool._run

    def altered(self, reader, job):
        start, cpu_start = time.monotonic(), time.thread_time()
        finished = run(self, reader, job)
        end, cpu_end = time.monotonic(), time.thread_time()
        while time.thread_time() - cpu_end < cpu_end - cpu_start:
            pass
        time.sleep(max(0.0, end - start - (time.monotonic() - end)))
        return finished

    WorkerPool._run = altered


def mix() -> None:
    """Now and then answers with the pages that another image was answered with."""
    numbers = itertools.count(1)
    last = [()]

    def swap(finished: Finished) -> Finished:
        pages, last[0] = last[0], finished.pages
        return Finished(pages, None, finished.timings) if next(numbers) % 20 == 0 and finished.pages else finished

    _after_each_run(swap)


def forget() -> None:
    """Never answers one image in a hundred."""
    numbers = itertools.count(1)
    finish = Job.finish

    def altered(self, outcome):
        if next(numbers) % 100:
            finish(self, outcome)
        else:
            self.drop()

    Job.finish = altered


def unbounded() -> None:
    """Lets any number of images wait, whatever the settings say."""
    make = JobQueue.__init__

    def altered(self, most_images, budget, most_seconds=None):
        make(self, 1_000_000, budget)

    JobQueue.__init__ = altered


def block() -> None:
    """Holds the event loop up at one admission in fifty."""
    numbers = itertools.count(1)
    admit = Admission.admit

    def altered(self, *arguments, **keywords):
        if next(numbers) % 50 == 0:
            time.sleep(0.3)
        return admit(self, *arguments, **keywords)

    Admission.admit = altered


def drop() -> None:
    """On SIGTERM closes at once, whatever was admitted."""

    async def altered(self, seconds):
        return True

    async def stop(self):
        await self._server.stop(0)

    Lifecycle.drained = altered
    GrpcServer.stop = stop


def hang() -> None:
    """On SIGTERM waits before anything else."""
    drained = Lifecycle.drained

    async def altered(self, seconds):
        await asyncio.sleep(14)
        return await drained(self, seconds)

    Lifecycle.drained = altered


def crash() -> None:
    """Ends badly after all."""

    def altered(self):
        sys.exit(3)

    JobQueue.close = altered


def tally() -> None:
    """No fault: says on standard error, when it ends, how many images were admitted."""
    admit = Admission.admit
    numbers = itertools.count()

    def altered(self, *arguments, **keywords):
        job = admit(self, *arguments, **keywords)
        next(numbers)
        return job

    Admission.admit = altered
    atexit.register(lambda: print(f"admitted {next(numbers)}", file=sys.stderr))


def residue() -> None:
    """Keeps a thread, a file, a gauge and memory for every image that is admitted."""
    admit = Admission.admit

    def altered(self, *arguments, **keywords):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        _LEAKED.append((os.dup(2), random.randbytes(65_536)))
        self._metrics._streams.inc()
        return admit(self, *arguments, **keywords)

    Admission.admit = altered


def late() -> None:
    """Takes its time before it serves."""
    start = WorkerPool.start

    def altered(self):
        time.sleep(12)
        start(self)

    WorkerPool.start = altered


def unheeding() -> None:
    """Knows of no control group, and takes what its settings allow."""
    server.limit_bytes = lambda: None


def boundless() -> None:
    """Bounds neither open calls nor messages on their way."""
    OpenCalls._refusal = lambda self, caller, metadata: None
    PendingReads.look = lambda self: None
    PendingReads.is_short = lambda self, caller: False
    Turns._fits = lambda self, caller: True


def fat() -> None:
    """Holds 200 MB from the beginning."""
    _LEAKED.append(random.randbytes(200_000_000))


def ratchet() -> None:
    """Takes what it holds when idle for its base."""
    look = MemoryMonitor.look

    def altered(self):
        look(self)
        if not any(self._budget.used_bytes().values()):
            self._budget.observe(base_bytes=self._read())

    MemoryMonitor.look = altered


def stall() -> None:
    """Comes to no end with an image."""
    _after_each_run(lambda finished: (time.sleep(30), finished)[1])


def together() -> None:
    """Opens files where all else is done."""

    def decode(_: JobDecoder, request: Request, data: bytes, patches: Patches = ()) -> Decoded:
        return LOCAL.decode(request, data, patches)

    JobDecoder.decode = decode


def fail() -> None:
    """Has a mistake that every image meets."""

    def fail_now(finished: Finished) -> Finished:
        return Finished((), EdgeOcrError(INTERNAL_TEXT), finished.timings)

    _after_each_run(fail_now)


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (
        sleep,
        doze,
        dawdle,
        leak,
        gush,
        seep,
        slow,
        mix,
        forget,
        unbounded,
        block,
        drop,
        hang,
        crash,
        tally,
        residue,
        late,
        unheeding,
        boundless,
        fat,
        ratchet,
        stall,
        together,
        fail,
    )
}
