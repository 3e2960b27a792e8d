"""Gate: how soon a server serves, and in what memory."""

import statistics
import time
from collections.abc import Sequence

from tests.checks.proof.outcome import Check, Outcome, Scale
from tests.checks.proof.rig.process import status_bytes
from tests.checks.proof.rig.servers import server

TITLE = "Start"
MOST_SECONDS = 10.0
MOST_BYTES = 200e6
SOON, SMALL = "from start to SERVING", "resident memory then"


def run(scale: Scale) -> Outcome:
    """Starts servers, then one that is late and fat."""
    outcome = Outcome()
    outcome.checks += _start(scale.rounds(5, 1))
    outcome.expect("late and fat", _start(1, "--memory-budget", "1GiB", faults=("late", "fat")), SOON, SMALL)
    return outcome


def _start(rounds: int, *arguments: str, faults: Sequence[str] = ()) -> list[Check]:
    seconds, resident = [], []
    for _ in range(rounds):
        start = time.monotonic()
        with server(*arguments, faults=faults) as running:
            seconds.append(time.monotonic() - start)
            resident.append(status_bytes(running.process.pid, "VmRSS"))
    typical, most = statistics.median(seconds), max(resident)
    return [
        Check(SOON, f"≤ {MOST_SECONDS:g} s", f"{typical:.1f} s", typical <= MOST_SECONDS, timed=True),
        Check(SMALL, f"≤ {MOST_BYTES / 1e6:.0f} MB", f"{most / 1e6:.0f} MB", most <= MOST_BYTES),
    ]
