"""The front's own ceiling: with the model replaced by a sleep, what is left is gRPC, admission, queue and metrics.

It has no limit of its own; what it costs is in the throughput gate. The load comes from this process over the same
processors, so the lines per second are the least that the front can do, while its processor time is its own.
"""

from typing import Any

from edgeocr.client.bench import Plan
from tests.checks.proof.outcome import Outcome, Scale
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.process import cpu_seconds
from tests.checks.proof.rig.servers import load, server
from tests.checks.proof.rig.sleeping_reader import PAGE_LINES

TITLE = "The front's ceiling, the model replaced by a sleep"
_WORKERS = 4
_WAYS: dict[str, dict[str, Any]] = {
    "lines over unary calls": {"mode": "line", "concurrency": 16, "connections": 4},
    "lines over streams": {"mode": "line", "concurrency": 16, "streams": 4},
    "lines over streams, completions only": {"mode": "line", "concurrency": 16, "streams": 4, "line_events": False},
    f"pages of {PAGE_LINES} lines over streams": {"mode": "page", "concurrency": 8, "streams": 4},
}


def run(scale: Scale) -> Outcome:
    """Puts each kind of load on a server that only sleeps."""
    outcome = Outcome()
    seconds = scale.load_seconds(10, 1.5)
    with server("--workers", str(_WORKERS), faults=["sleep"]) as running:
        for way, values in _WAYS.items():
            images = lines() if values["mode"] == "line" else pages(1)
            plan = Plan(images, warm_up_seconds=0.0, duration_seconds=seconds, **values)
            before = cpu_seconds(running.process.pid)
            report = load(running.target, plan)
            cpu = cpu_seconds(running.process.pid) - before
            outcome.facts[way] = (
                f"{report.lines_per_second:,.0f} lines/s, {1e6 * cpu / report.lines:.0f} µs of the server's processor "
                "time a line"
            )
    return outcome
