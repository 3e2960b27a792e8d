"""The front's own ceiling: with the model replaced by a sleep, what is left is gRPC, admission, queue and metrics.

It has no limit of its own; what it costs is in the throughput gate. The load comes from this process over the same
processors, so the lines per second are the least that the front can do, while its processor time is its own. In turn,
the same load is put on a server with nothing behind gRPC, which tells how much of that time is gRPC's. Both are medians
of several turns, since other work on the machine comes and goes.
"""

import statistics
from collections.abc import Sequence
from typing import Any

from edgeocr.client.bench import Plan
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
    """Puts each kind of load on a server that only sleeps and on one that is nothing but gRPC, in turn."""
    outcome = Outcome()
    seconds, rounds = scale.load_seconds(2, 1), scale.rounds(5, 1)
    with (
        server("--workers", _WORKERS, faults=["sleep"]) as front,
        ServerProcess("--workers", _WORKERS, module=BARE) as bare,
    ):
        for way, values in _WAYS.items():
            images = lines() if values["mode"] == "line" else pages(1)
            plan = Plan(images, warm_up_seconds=0.0, duration_seconds=seconds, **values)
            costs = [(_cost(front, plan), _cost(bare, plan)) for _ in range(rounds)]
            (pace, micros), (_, least) = (_median(of_one) for of_one in zip(*costs, strict=True))
            outcome.facts[way] = (
                f"{pace:,.0f} lines/s, {micros:.0f} µs of the server's processor time a line; {least:.0f} µs with "
                "nothing behind gRPC"
            )
    return outcome


def _cost(running: ServerProcess, plan: Plan) -> tuple[float, float]:
    """Lines per second of a load, and microseconds of the server's processor time for each."""
    before = cpu_seconds(running.process.pid)
    report = load(running.target, plan)
    if report.errors or report.rejected or report.unanswered:
        raise AssertionError(f"not all was read: {report.as_dict()}")
    return report.lines_per_second, 1e6 * (cpu_seconds(running.process.pid) - before) / report.lines


def _median(costs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    pace, micros = (statistics.median(values) for values in zip(*costs, strict=True))
    return pace, micros
