"""Gate: four times as much as the server can do, in an open loop: over unary calls of one caller, then over streams.

What has no room is refused at once, what is admitted is read in time, health answers all the while, and the server
gets as much done as before. In time means as long as a full queue takes, and what an image takes without one: that is
so for one caller; where callers take turns, one who asks for more than others waits for their turns as well.
"""

import threading
import time
from dataclasses import replace

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from edgeocr.client.bench import Plan, Report
from edgeocr.client.bench.histogram import Histogram
from edgeocr.server.cpus import usable_cpus
from tests.proof.material import lines
from tests.proof.outcome import Check, Outcome, Scale
from tests.proof.servers import load, server

TITLE = "Overload, four times the capacity"
QUEUE_IMAGES = 32
HEALTH_SECONDS = 0.1
LEAST_SHARE = 0.9
TOLERANCE = 1.1
"""For a capacity that was measured with its own chance."""
ANSWERED, IN_TIME, HEALTHY, BUSY = "answered once each", "p99 of what was admitted", "slowest health", "throughput"
_SETTINGS = ("--queue-images", str(QUEUE_IMAGES))


def run(scale: Scale) -> Outcome:
    """Measures the capacity, then the overload, then servers with faults; the short form has a sleep for the model."""
    outcome = Outcome()
    seconds = scale.load_seconds(60, 5)
    reading = ("doze",) if scale.quick else ()
    with server(*_SETTINGS, faults=reading) as running:
        capacity, service = _capacity(running.target, seconds / 3)
        outcome.facts["capacity"] = f"{capacity.images_per_second:.1f} lines/s"
        outcome.facts["p99 without a queue"] = f"{service.latency.percentile(0.99) * 1e3:.0f} ms"
        outcome.checks += _overload(running.target, capacity, service, seconds, outcome, streams=0)
        over_streams = _overload(running.target, capacity, service, seconds, outcome, streams=8)
        outcome.checks += [replace(one, name=f"{one.name}, 8 streams") for one in over_streams if one.name != IN_TIME]
    # Controls have the sleep in both forms: what they prove is that the checks notice, not how fast the model is.
    with server(*_SETTINGS, faults=["doze"]) as running:
        capacity, service = _capacity(running.target, 2.0)
    for faults, names in ((("forget", "block"), (ANSWERED, HEALTHY)), (("unbounded", "slow"), (IN_TIME, BUSY))):
        with server(*_SETTINGS, faults=["doze", *faults]) as running:
            checks = _overload(running.target, capacity, service, 5.0, Outcome(), streams=0)
        outcome.expect(" and ".join(faults), checks, *names)
    return outcome


def _capacity(target: str, seconds: float) -> tuple[Report, Report]:
    """With a queue that is always full, and with none."""
    return _closed(target, QUEUE_IMAGES, seconds), _closed(target, usable_cpus(), seconds)


def _closed(target: str, concurrency: int, seconds: float) -> Report:
    plan = Plan(
        lines(), mode="line", concurrency=concurrency, connections=4, warm_up_seconds=0.5, duration_seconds=seconds
    )
    return load(target, plan)


def _overload(
    target: str, capacity: Report, service: Report, seconds: float, outcome: Outcome, *, streams: int
) -> list[Check]:
    rate = 4 * capacity.images_per_second
    plan = Plan(lines(), mode="line", rate=rate, streams=streams, duration_seconds=seconds, grace_seconds=5.0)
    with HealthProbe(target) as probe:
        report = load(target, plan)
    way = f"overload over {streams} streams" if streams else "overload over unary calls"
    p99, missing = report.latency.percentile(0.99), report.unanswered
    outcome.facts[way] = (
        f"{rate:.0f} lines/s for {seconds:.0f} s: {report.ok:,} read, {report.rejected:,} refused, "
        f"p99 {p99 * 1e3:.0f} ms and {report.rejected_latency.percentile(0.99) * 1e3:.0f} ms"
    )
    most_seconds = TOLERANCE * (QUEUE_IMAGES / capacity.images_per_second + service.latency.percentile(0.99))
    share = report.images_per_second / capacity.images_per_second
    healthy = probe.seconds.max_seconds
    return [
        Check(
            ANSWERED,
            "all, read or refused",
            f"{report.ok + report.rejected:,} of {report.sent:,}, {report.unexpected} twice",
            report.sent == report.ok + report.rejected and not report.unexpected,
        ),
        Check(
            IN_TIME,
            f"≤ {most_seconds * 1e3:.0f} ms: {QUEUE_IMAGES} queued images and p99 without a queue, and a tenth",
            f"{p99 * 1e3:.0f} ms" + (f", {missing:,} never came" if missing else ""),
            0 < p99 <= most_seconds and missing <= 0.01 * report.ok,
            timed=True,
        ),
        Check(
            HEALTHY,
            f"≤ {HEALTH_SECONDS * 1e3:.0f} ms",
            f"{healthy * 1e3:.0f} ms of {probe.seconds.count:,} checks",
            healthy <= HEALTH_SECONDS and probe.seconds.count > 0,
            timed=True,
        ),
        Check(BUSY, f"≥ {LEAST_SHARE:g} of the capacity", f"{share:.3f}", share >= LEAST_SHARE, timed=True),
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
