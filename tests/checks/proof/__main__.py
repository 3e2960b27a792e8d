"""The proof suite: gates that a server must keep, each with controls that must fail.

    python -m tests.checks.proof [--quick] [--only NAME …] [--report FILE] [--seconds S] [--count N]

Full runs leave their outcomes in build/proof; a report is made of the last one of each gate, so that the suite can be
run in parts.
Prints results as they are found. The exit code is 1 if a check failed or a control was not flagged. In the short form,
which is for every change and for busy machines, checks that depend on time are reported and cannot fail.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.checks.proof import kept_outcomes
from tests.checks.proof.gates import (
    ageing,
    attackers,
    ceiling,
    drain,
    fuzz,
    hostile_files,
    isolation,
    memory,
    overload,
    residue,
    soak,
    start,
    throughput,
)
from tests.checks.proof.machine import machine_facts
from tests.checks.proof.outcome import Outcome, Scale
from tests.checks.proof.report import page

GATES: dict[str, tuple[str, Callable[[Scale], Outcome]]] = {
    module.__name__.rpartition(".")[2]: (module.TITLE, module.run)
    for module in (
        start,
        throughput,
        ceiling,
        overload,
        isolation,
        drain,
        residue,
        memory,
        ageing,
        attackers,
        hostile_files,
        fuzz,
        soak,
    )
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the short form: some minutes")
    parser.add_argument("--only", nargs="+", choices=GATES, default=list(GATES), metavar="NAME", help=", ".join(GATES))
    parser.add_argument("--report", type=Path, help="write the outcomes of full runs as Markdown here")
    parser.add_argument("--seconds", type=float, help="length of each load, where a gate has one")
    parser.add_argument("--count", type=int, help="number of answers, calls or rounds, where a gate has one")
    arguments = parser.parse_args()
    scale = Scale(arguments.quick, arguments.seconds, arguments.count)
    facts = machine_facts()
    failures = []
    for name in arguments.only:
        title, run = GATES[name]
        begun = time.monotonic()
        print(f"== {name}: {title}", flush=True)
        outcome = run(scale)
        _tell(outcome, quick=scale.quick)
        print(f"   {time.monotonic() - begun:.0f} s", flush=True)
        if scale == Scale():
            kept_outcomes.keep(name, outcome)
        failures += [f"{name}: {failure}" for failure in outcome.failures(quick=scale.quick)]
    if arguments.report is not None:
        found = {name: (title, kept_outcomes.kept(name)) for name, (title, _) in GATES.items()}
        outcomes = {name: (title, *last) for name, (title, last) in found.items() if last is not None}
        arguments.report.write_text(page(outcomes, facts), "utf-8")
    for failure in failures:
        print(f"FAILED {failure}")
    print("all kept" if not failures else f"{len(failures)} failed")
    return 1 if failures else 0


def _tell(outcome: Outcome, *, quick: bool) -> None:
    if outcome.skipped:
        print(f"   SKIPPED: {outcome.skipped}")
    for check in outcome.checks:
        verdict = "kept" if check.passed else "not kept, only reported" if quick and check.timed else "NOT KEPT"
        print(f"   {check.name}: {check.measured}; limit {check.limit}: {verdict}")
    for control in outcome.controls:
        print(f"   control {control.fault!r} {'flagged' if control.flagged else 'MISSED'}: {control.measured}")
    for name, value in outcome.facts.items():
        print(f"   {name}: {value}")


if __name__ == "__main__":
    sys.exit(main())
