"""Gate: at capacity for long, memory stays where it is after the warm-up."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from edgeocr.client.bench import Plan, run_load
from edgeocr.server.host.cpus import usable_cpus
from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.process import status_bytes
from tests.checks.proof.rig.servers import server
from tests.support.serving import ServerProcess

TITLE = "Soak at capacity"
MOST_SWING = 0.05
MOST_SLOPE_BYTES = 1e6
SLOPE_IMAGES = 10_000
STEADY, SLOPE = "resident memory, each tenth of the run against the median", f"growth per {SLOPE_IMAGES:,} images"
PARTS = 10
_SHORT_LINES = 600
_WARM_UP_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Sample:
    """The server at one time: on the monotonic clock, images admitted so far, resident bytes."""

    at: float
    images: float
    resident_bytes: int


def run(scale: Scale) -> Outcome:
    """Soaks the server, then one that leaks; the short form by a number of lines, the full form by time."""
    outcome = Outcome()
    seconds = scale.seconds or (None if scale.quick else 1800.0)
    checks, samples = _soak(seconds)
    outcome.checks += checks
    outcome.facts["images"] = f"{samples[-1].images:,.0f} over {samples[-1].at - samples[0].at:,.0f} s"
    outcome.facts["resident memory, median after the warm-up"] = f"{_steady_bytes(samples) / 1e6:.1f} MB"
    fault = "leak" if seconds else "seep"
    leaking, _ = _soak(seconds and min(seconds, 300.0), faults=[fault])
    outcome.expect(fault, leaking, SLOPE)
    return outcome


def _soak(seconds: float | None, faults: Sequence[str] = ()) -> tuple[list[Check], list[Sample]]:
    """Lines and pages for so long, or a few hundred lines."""
    plans = _plans(seconds)
    with server(faults=faults) as running:
        samples = asyncio.run(_sampled(running, plans, every_seconds=1.0 if seconds else 0.1))
    steady = samples[int(len(samples) * _WARM_UP_SHARE) :]
    # Reading a page takes much memory for a moment: a part's median tells what stays.
    medians = [
        statistics.median(one.resident_bytes for one in steady[len(steady) * part // PARTS :][: len(steady) // PARTS])
        for part in range(PARTS)
    ]
    swing = max(abs(median / statistics.median(medians) - 1) for median in medians)
    fit = statistics.linear_regression([one.images for one in steady], [one.resident_bytes for one in steady])
    slope = fit.slope * SLOPE_IMAGES
    limit = f"< {MOST_SLOPE_BYTES / 1e6:g} MB"
    # Both are timed, since a short run ends before chance has evened out.
    return [
        Check(STEADY, f"within ±{MOST_SWING:.0%}", f"±{swing:.1%}", swing <= MOST_SWING, timed=True),
        Check(SLOPE, limit, f"{slope / 1e6:+.2f} MB", slope < MOST_SLOPE_BYTES, timed=True),
    ], samples


def _plans(seconds: float | None) -> list[Plan]:
    workers = usable_cpus()
    streaming = {"mode": "line", "streams": 2 * workers, "concurrency": 4 * workers, "warm_up_seconds": 0.0}
    if seconds is None:
        return [Plan(lines(), **streaming, requests=_SHORT_LINES, duration_seconds=600.0)]
    return [
        Plan(lines(), **streaming, duration_seconds=seconds),
        Plan(pages(), mode="page", warm_up_seconds=0.0, duration_seconds=seconds),
    ]


def _steady_bytes(samples: Sequence[Sample]) -> float:
    return statistics.median(one.resident_bytes for one in samples[int(len(samples) * _WARM_UP_SHARE) :])


async def _sampled(running: ServerProcess, plans: Sequence[Plan], every_seconds: float) -> list[Sample]:
    """Samples while the plans' images are read; all must be."""
    loads = asyncio.gather(*(run_load(running.target, plan) for plan in plans))
    samples = []
    while not loads.done():
        metrics = await asyncio.to_thread(running.metrics)
        resident = status_bytes(running.process.pid, "VmRSS")
        samples.append(Sample(time.monotonic(), metrics["edgeocr_image_pixels_count"], resident))
        await asyncio.wait([loads], timeout=every_seconds)
    for report in await loads:
        if report.errors or report.rejected or report.unanswered:
            raise AssertionError(f"not all was read: {report.as_dict()}")
    return samples
