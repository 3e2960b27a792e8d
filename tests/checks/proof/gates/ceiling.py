"""The front's own ceiling: with the model replaced by a sleep, what is left is gRPC, admission, queue and metrics.

It has no limit of its own; what it costs is in the throughput gate. The load comes from this process over the same
processors, so the lines per second are the least that the front can do, while its processor time is its own. In turn,
the same load is put on a server with nothing behind gRPC, which tells how much of that time is gRPC's.
"""

from typing import Any

from edgeocr.client.bench import Plan, Report
from tests.checks.proof.outcome import Outcome, Scale
from tests.checks.proof.rig.material import lines, pages
from tests.checks.proof.rig.process import cpu_seconds
from tests.checks.proof.rig.servers import BARE, load, server
from tests.checks.proof.rig.sleeping_reader import PAGE_LINES
from tests.support.serving import ServerProcess

TITLE = "The front's ceiling, the model replaced by a sleep"
_WORKERS = "4"
_WAYS: dict[str, dict[str, Any]] = {
    "lines over unary calls": {"mode": "line", "concurrency": 16, "connections": 4},
    "lines over streams": {"mode": "line", "concurrency": 16, "streams": 4},
    "lines over streams, completions only": {"mode": "line", "concurrency": 16, "streams": 4, "line_events": False},
    f"pages of {PAGE_LINES} lines over streams": {"mode": "page", "concurrency": 8, "streams": 4},
}


def run(scale: Scale) -> Outcome:
    """Puts each kind of load on a server that only sleeps, and on one that is nothing but gRPC."""
    outcome = Outcome()
    seconds = scale.load_seconds(10, 1.5)
    with (
        server("--workers", _WORKERS, faults=["sleep"]) as front,
        ServerProcess("--workers", _WORKERS, module=BARE) as bare,
    ):
        for way, values in _WAYS.items():
            images = lines() if values["mode"] == "line" else pages(1)
            plan = Plan(images, warm_up_seconds=0.0, duration_seconds=seconds, **values)
            report, micros = _load(front, plan)
            _, least = _load(bare, plan)
            outcome.facts[way] = (
                f"{report.lines_per_second:,.0f} lines/s, {micros:.0f} µs of the server's processor time a line; "
                f"{least:.0f} µs with nothing behind gRPC"
            )
    return outcome


def _load(running: ServerProcess, plan: Plan) -> tuple[Report, float]:
    """The report of a load, and microseconds of the server's processor time for each line."""
    before = cpu_seconds(running.process.pid)
    report = load(running.target, plan)
    return report, 1e6 * (cpu_seconds(running.process.pid) - before) / report.lines
