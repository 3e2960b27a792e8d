"""Gate: what share of the bare pipeline's speed reaches the callers of RecognizeStream.

The pipeline reads in a loop on as many threads as the server has workers; then the server reads the same images under
load on the same processors, and so in turn, since other work on the machine comes and goes. The load is made on the
other half of the processors. Two shares are told: that of lines per second, and that of lines per second of processor
time. Other work on the machine lowers both: the loop wakes up a few times for each line, and finds its code and data
gone from the caches, while the pipeline alone goes on without a pause.

So the same load is put on the pipeline behind a server that is nothing but gRPC, in the same turns, which tells how
much of what is lost is gRPC's, asyncio's and the threads' share here.

All have the server's settings of the heap, which keep its memory promise; what these cost by themselves is told too.
"""

import os
import statistics
import threading
import time
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from edgeocr.client.bench import Plan
from edgeocr.client.options import Mode as ModeName
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.results import LineRead
from edgeocr.model.timing import Trace
from edgeocr.server.host.heap import tune
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.apart import Sides, apart
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.process import cpu_seconds, status_bytes
from tests.checks.proof.rig.servers import BARE, load, server
from tests.support.serving import ServerProcess

TITLE = "Throughput over streams, as a share of the bare pipeline"
LEAST_SHARE: dict[ModeName, float] = {"line": 0.92, "page": 0.95}


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast lines were read: for each second that went by, and for each second that processors worked on them."""

    wall: float
    cpu: float


def run(scale: Scale) -> Outcome:
    """Measures lines and pages, and a slow server."""
    outcome = Outcome()
    seconds, rounds = scale.load_seconds(8, 3), scale.rounds(5, 1)
    models = Models.load(DEFAULT_FOLDER)
    with apart() as sides:
        # What a heap without settings has grown to would serve the bare pipeline afterwards as well.
        with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
            free = {mode: elsewhere.submit(_free_pace, sides.server, mode, seconds).result() for mode in LEAST_SHARE}
        tune()
        for mode in LEAST_SHARE:
            outcome.facts[f"{mode}s, bare pipeline with the C library's own settings of the heap"] = _told([free[mode]])
            outcome.checks += _measure(outcome, models, sides, mode, seconds, rounds)
        slow = _measure(Outcome(), models, sides, "line", seconds, 1, faults=("slow",))
    outcome.expect("slow", slow, slow[1].name)
    return outcome


def _measure(
    outcome: Outcome,
    models: Models,
    sides: Sides,
    mode: ModeName,
    seconds: float,
    rounds: int,
    faults: Sequence[str] = (),
) -> list[Check]:
    images = _images(mode)
    workers = sides.workers
    bare, served, behind_grpc = [bare_pace(models, sides.server, images, mode, seconds)], [], []
    with (
        server("--workers", str(workers), faults=faults, launcher=sides.launcher) as running,
        ServerProcess("--workers", str(workers), "--reads", module=BARE, launcher=sides.launcher) as grpc_alone,
    ):
        for _ in range(rounds):
            served.append(_served_pace(running, workers, images, mode, seconds))
            behind_grpc.append(_served_pace(grpc_alone, workers, images, mode, seconds))
            bare.append(bare_pace(models, sides.server, images, mode, seconds))
        peak_bytes = status_bytes(running.process.pid, "VmHWM")
    outcome.facts[f"{mode}s, bare pipeline on {workers} of as many processors"] = _told(bare)
    outcome.facts[f"{mode}s, behind nothing but gRPC"] = _told(behind_grpc)
    outcome.facts[f"{mode}s a second of processor time, behind nothing but gRPC ÷ bare"] = _measured(
        _shares([one.cpu for one in behind_grpc], [one.cpu for one in bare])
    )
    outcome.facts[f"{mode}s, served"] = _told(served)
    outcome.facts[f"{mode}s, server's peak resident memory"] = f"{peak_bytes / 1e6:.0f} MB"
    return [
        _share(f"{mode}s a second, served ÷ bare", [one.wall for one in served], [one.wall for one in bare], mode),
        _share(
            f"{mode}s a second of processor time, served ÷ bare",
            [one.cpu for one in served],
            [one.cpu for one in bare],
            mode,
        ),
    ]


def _images(mode: ModeName) -> list[bytes]:
    return lines() if mode == "line" else pages()


def _share(name: str, served: Sequence[float], bare: Sequence[float], mode: ModeName) -> Check:
    shares, least = _shares(served, bare), LEAST_SHARE[mode]
    return Check(name, f"≥ {least:g}", _measured(shares), statistics.median(shares) >= least, timed=True)


def _shares(served: Sequence[float], bare: Sequence[float]) -> list[float]:
    """Each round's share of what was measured before and after it."""
    return [2 * one / (before + after) for one, before, after in zip(served, bare, bare[1:], strict=False)]


def _measured(shares: Sequence[float]) -> str:
    return f"{statistics.median(shares):.3f} ({len(shares)} rounds, {min(shares):.3f} to {max(shares):.3f})"


def _told(paces: Sequence[Pace]) -> str:
    wall, cpu = (statistics.median(values) for values in zip(*((one.wall, one.cpu) for one in paces), strict=True))
    return f"{wall:.1f} lines/s, {cpu:.1f} lines a second of processor time"


def _served_pace(running: ServerProcess, workers: int, images: Sequence[bytes], mode: ModeName, seconds: float) -> Pace:
    plan = Plan(
        images,
        mode=mode,
        streams=2 * workers,
        concurrency=(8 if mode == "line" else 3) * workers,
        line_events=False,
        warm_up_seconds=seconds / 10,
        duration_seconds=seconds,
    )
    before = cpu_seconds(running.process.pid)
    report = load(running.target, plan)
    if report.errors or report.rejected or report.unanswered:
        raise AssertionError(f"not all was read: {report.as_dict()}")
    # All that the load asked for was read when it returned, the warm-up and what came after the window included.
    return Pace(report.lines_per_second, report.lines / (cpu_seconds(running.process.pid) - before))


def _free_pace(processors: Collection[int], mode: ModeName, seconds: float) -> Pace:
    return bare_pace(Models.load(DEFAULT_FOLDER), processors, _images(mode), mode, seconds)


def bare_pace(
    models: Models, processors: Collection[int], images: Sequence[bytes], mode: ModeName, seconds: float
) -> Pace:
    """The pipeline alone, from bytes to text, in a loop on a thread for each processor."""
    sources = [EncodedImage(data) for data in images]
    paces = [Pace(0.0, 0.0)] * len(processors)

    def read(number: int) -> None:
        os.sched_setaffinity(0, processors)
        reader, place, count = Reader(models), number, 0
        start, cpu = time.monotonic(), time.thread_time()
        while time.monotonic() < start + seconds:
            results = reader.read(sources[place % len(sources)], Mode(mode), Trace())
            count += sum(isinstance(result, LineRead) for result in results)
            place += 1
        paces[number] = Pace(count / (time.monotonic() - start), count / (time.thread_time() - cpu))

    running = [threading.Thread(target=read, args=(number,)) for number in range(len(paces))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return Pace(sum(one.wall for one in paces), statistics.mean(one.cpu for one in paces))
