"""What a server takes: processor time a line, memory and bytes on the wire, by its workers and by how it is called."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edgeocr.client import Client
from edgeocr.client.bench import Plan
from edgeocr.client.options import Mode
from tests.benchmarks.sizing.reading import page_of_size
from tests.benchmarks.sizing.wire import Wire
from tests.checks.proof.rig.material import lines
from tests.checks.proof.rig.servers import load, server
from tests.support.serving import ServerProcess

WORKERS = (1, 2, 4, 8)
CONCURRENCY = (1, 2, 4, 8, 16, 32)
_MEMORY = ("--memory-budget", "2GiB")
_PAGE = (1654, 2339)
_CALLS = 20


@dataclass(frozen=True)
class Load:
    """What a load came to.

    Attributes:
        lines_per_second: as the clock has it, which others on the machine share.
        cpu_ms: of the server's processor time for each line.
        p50_ms, p99_ms: how long callers waited.
        peak_mib: resident memory at its highest.
    """

    lines_per_second: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    peak_mib: float


def by_workers(seconds: float) -> Iterator[tuple[int, Load, Load]]:
    """Lines, then pages of A4 at 200 dpi, over streams with four images in flight for each worker."""
    for workers in WORKERS:
        with server("--workers", str(workers), *_MEMORY) as running:
            concurrency = 4 * workers
            found = [
                _measure(running, Plan(images, mode=mode, streams=4, concurrency=concurrency, duration_seconds=seconds))
                for mode, images in (("line", lines()), ("page", [page_of_size(*_PAGE)]))
            ]
        yield workers, found[0], found[1]


def by_concurrency(seconds: float) -> Iterator[tuple[int, Load, Load]]:
    """Lines on two workers, by how many callers wait for theirs: single calls, and one stream."""
    with server("--workers", "2", *_MEMORY) as running:
        for concurrency in CONCURRENCY:
            plan = Plan(lines(), mode="line", concurrency=concurrency, duration_seconds=seconds)
            stream = Plan(lines(), mode="line", streams=1, concurrency=concurrency, duration_seconds=seconds)
            yield concurrency, _measure(running, plan), _measure(running, stream)


def on_the_wire() -> Iterator[tuple[str, float, float, float]]:
    """What is called, an image's bytes, and the bytes that go and come for each image beside it."""
    with server("--workers", "2", *_MEMORY) as running:
        yield "a line, single calls", *_bytes(running, lines(), "line", streamed=False)
        yield "a line, over a stream", *_bytes(running, lines(), "line", streamed=True)
        yield "a page of 24 lines", *_bytes(running, [page_of_size(*_PAGE)], "page", streamed=False)


def _bytes(
    running: ServerProcess, images: Sequence[bytes], mode: Mode, *, streamed: bool
) -> tuple[float, float, float]:
    sent = [images[number % len(images)] for number in range(_CALLS)]
    with Wire(running.target) as wire, Client(wire.target) as client:
        client.is_serving()
        before = wire.sent, wire.received
        if streamed:
            results = list(client.read_many(enumerate(sent), mode=mode))
            assert all(result.error is None for result in results)
        else:
            for data in sent:
                client.read(data, mode=mode)
        size = sum(map(len, sent)) / _CALLS
        return size, (wire.sent - before[0]) / _CALLS - size, (wire.received - before[1]) / _CALLS


def _measure(running: ServerProcess, plan: Plan) -> Load:
    _forget_peak(running)
    begun = running.metrics()
    report = load(running.target, plan)
    ended = running.metrics()
    read = _lines(ended) - _lines(begun)
    cpu = ended["process_cpu_seconds_total"] - begun["process_cpu_seconds_total"]
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak is not None
    latency = report.latency
    waits = [1e3 * latency.percentile(share) for share in (0.5, 0.99)]
    return Load(report.lines_per_second, 1e3 * cpu / read, *waits, int(peak[1]) / 1024)


def _lines(metrics: dict[str, float]) -> float:
    return metrics["edgeocr_line_confidence_count"]


def _forget_peak(running: ServerProcess) -> None:
    Path(f"/proc/{running.process.pid}/clear_refs").write_text("5")
