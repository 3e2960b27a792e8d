"""Gate: four times as much as the server can do, in an open loop: over unary calls of one caller, then over streams.

What has no room is refused at once, what is admitted is read in time, health answers all the while, and the server
gets as much done as before and after. In time means within the queue's setting and what an image takes without a
queue: that is so for one caller and for many, who take turns. The load is made on the other half of the processors.
"""

import statistics
import threading
import time
from dataclasses import replace

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edgeocr.client.bench import Plan, Report
from edgeocr.client.bench.histogram import Histogram
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.apart import Sides, apart
from tests.checks.proof.rig.material import lines
from tests.checks.proof.rig.servers import load, server

TITLE = "Overload, four times the capacity"
QUEUE_IMAGES = 32
QUEUE_SECONDS = 0.4
HEALTH_SECONDS = 0.1
LEAST_SHARE = 0.9
ANSWERED, IN_TIME, HEALTHY, BUSY = "answered once each", "p99 of what was admitted", "slowest health", "throughput"
TOLERANCE = 1.05
"""Who is last in time waits as long as may be; what then comes on top is as chance has it."""
_SETTINGS = ("--queue-images", str(QUEUE_IMAGES), "--queue-seconds", str(QUEUE_SECONDS))
_CAPACITY_IMAGES = 12
"""In flight: there is always one that waits, and never one that waits for too long."""


def run(scale: Scale) -> Outcome:
    """Measures the capacity, then the overload, then servers with faults; the short form has a sleep for the model."""
    outcome = Outcome()
    with apart() as sides:
        _measure(scale, sides, outcome)
        _control(sides, outcome)
    return outcome


def _measure(scale: Scale, sides: Sides, outcome: Outcome) -> None:
    seconds = scale.load_seconds(60, 3)
    reading = ("doze",) if scale.quick else ()
    with server(*_SETTINGS, faults=reading, launcher=sides.launcher) as running:
        service = _service_seconds(running.target, sides.workers, seconds / 3)
        # The machine may have other things to do as well: each load is compared with what comes before and after it.
        capacities = [_capacity(running.target, seconds / 3)]
        for streams, suffix in ((0, ""), (8, ", 8 streams")):
            loaded = _overload(running.target, capacities[-1], seconds, outcome, streams=streams)
            capacities.append(_capacity(running.target, seconds / 3))
            checks = _judged(loaded, statistics.mean(capacities[-2:]), service)
            outcome.checks += [replace(one, name=one.name + suffix) for one in checks]
        outcome.facts["capacity"] = ", then ".join(f"{one:.1f}" for one in capacities) + " lines/s"
        outcome.facts["p99 without a queue"] = f"{service * 1e3:.0f} ms"


def _control(sides: Sides, outcome: Outcome) -> None:
    """Servers with faults have the sleep in both forms: what they prove is that the checks notice."""
    with server(*_SETTINGS, faults=["doze"], launcher=sides.launcher) as running:
        capacity, service = _capacity(running.target, 2.0), _service_seconds(running.target, sides.workers, 2.0)
    for faults, names in ((("forget", "block"), (ANSWERED, HEALTHY)), (("unbounded", "slow"), (IN_TIME, BUSY))):
        with server(*_SETTINGS, faults=["doze", *faults], launcher=sides.launcher) as running:
            loaded = _overload(running.target, capacity, 3.0, Outcome(), streams=0)
        outcome.expect(" and ".join(faults), _judged(loaded, capacity, service), *names)


def _capacity(target: str, seconds: float) -> float:
    """Images a second while there are always some that wait, and none is refused."""
    return _closed(target, _CAPACITY_IMAGES, seconds).images_per_second


def _service_seconds(target: str, workers: int, seconds: float) -> float:
    """The p99 of images that find a worker."""
    return _closed(target, workers, seconds).latency.percentile(0.99)


def _closed(target: str, concurrency: int, seconds: float) -> Report:
    plan = Plan(
        lines(), mode="line", concurrency=concurrency, connections=4, warm_up_seconds=0.5, duration_seconds=seconds
    )
    return load(target, plan)


def _overload(
    target: str, capacity: float, seconds: float, outcome: Outcome, *, streams: int
) -> tuple[Report, Histogram]:
    """The outcome of the load, and the latency of health checks."""
    rate = 4 * capacity
    plan = Plan(lines(), mode="line", rate=rate, streams=streams, duration_seconds=seconds, grace_seconds=5.0)
    with HealthProbe(target) as probe:
        report = load(target, plan)
    way = f"overload over {streams} streams" if streams else "overload over unary calls"
    p99 = report.latency.percentile(0.99)
    outcome.facts[way] = (
        f"{rate:.0f} lines/s for {seconds:.0f} s: {report.ok:,} read, {report.rejected:,} refused, "
        f"p99 {p99 * 1e3:.0f} ms and {report.rejected_latency.percentile(0.99) * 1e3:.0f} ms"
    )
    return report, probe.seconds


def _judged(loaded: tuple[Report, Histogram], capacity: float, service_seconds: float) -> list[Check]:
    report, health = loaded
    p99, missing, pace = report.latency.percentile(0.99), report.unanswered, report.images_per_second
    most_seconds = TOLERANCE * (QUEUE_SECONDS + service_seconds)
    return [
        Check(
            ANSWERED,
            "all, read or refused",
            f"{report.ok + report.rejected:,} of {report.sent:,}, {report.unexpected} twice",
            report.sent == report.ok + report.rejected and not report.unexpected,
        ),
        Check(
            IN_TIME,
            f"≤ {most_seconds * 1e3:.0f} ms: {QUEUE_SECONDS * 1e3:.0f} in the queue, p99 without one, a twentieth",
            f"{p99 * 1e3:.0f} ms" + (f", {missing:,} never came" if missing else ""),
            0 < p99 <= most_seconds and missing <= 0.01 * report.ok,
            timed=True,
        ),
        Check(
            HEALTHY,
            f"≤ {HEALTH_SECONDS * 1e3:.0f} ms",
            f"{health.max_seconds * 1e3:.0f} ms of {health.count:,} checks",
            health.max_seconds <= HEALTH_SECONDS and health.count > 0,
            timed=True,
        ),
        Check(
            BUSY,
            f"≥ {LEAST_SHARE:g} of the capacity",
            f"{pace / capacity:.3f}",
            pace >= LEAST_SHARE * capacity,
            timed=True,
        ),
    ]


class HealthProbe:
    """Asks for health twenty times a second, on a thread and a connection of its own."""

    def __init__(self, target: str) -> None:
        self.seconds = Histogram()
        self._target = target
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._probe)

    def __enter__(self) -> "HealthProbe":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _probe(self) -> None:
        with grpc.insecure_channel(self._target, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            grpc.channel_ready_future(channel).result(10)
            while not self._stop.wait(0.05):
                start = time.monotonic()
                status = health.Check(health_pb2.HealthCheckRequest(), timeout=10).status
                assert status == health_pb2.HealthCheckResponse.SERVING
                self.seconds.record(time.monotonic() - start)
