"""Puts faults into a copy of the server, one at a time, and runs the tests that should notice.

    python -m tests.checks.mutation [--only TEXT …] [--report FILE [--new]]

The same tests pass without a fault, which is tried first. The test that noticed a fault the last time is run before the
others, which it saves most often. The exit code is 1 if a fault went unnoticed that a test
could notice, or one was noticed that is listed as unseen.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.checks.mutation.mutants import MUTANTS
from tests.checks.mutation.report import Verdict, noticed, page, row, rows_of
from tests.checks.mutation.workshop import ROOT, Workshop

PAGE = ROOT / "docs" / "mutation.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="mutants whose names contain it")
    parser.add_argument("--report", type=Path, help="write the table as Markdown here")
    parser.add_argument(
        "--new", action="store_true", help="only mutants that have no row there; the others keep theirs"
    )
    arguments = parser.parse_args()
    if arguments.new and arguments.report is None:
        parser.error("--new needs --report")
    rows = rows_of(arguments.report.read_text("utf-8")) if arguments.new else {}
    named = [mutant for mutant in MUTANTS if any(text in mutant.name for text in arguments.only)]
    chosen = [mutant for mutant in named if mutant.name not in rows]
    with tempfile.TemporaryDirectory(prefix="edgeocr-mutation-") as folder:
        workshop = Workshop(Path(folder))
        control = workshop.run(sorted({test for mutant in chosen for test in mutant.tests}))
        print(f"without a fault: {control.seconds:.0f} s, {control.first_failure or 'all pass'}", flush=True)
        if not control.passed:
            return 1
        verdicts, before = [], noticed(PAGE.read_text("utf-8"))
        for mutant in chosen:
            with workshop.with_fault(mutant):
                verdict = Verdict(mutant, workshop.run(mutant.tests, before.get(mutant.name)))
            print(f"{mutant.name}: {verdict} ({verdict.run.seconds:.0f} s)", flush=True)
            verdicts.append(verdict)
    if arguments.report is not None:
        rows.update({verdict.mutant.name: row(verdict) for verdict in verdicts})
        arguments.report.write_text(page([rows[one.name] for one in MUTANTS if one.name in rows]), "utf-8")
    wrong = [verdict.mutant.name for verdict in verdicts if not verdict.is_right]
    seen = [verdict.mutant.name for verdict in verdicts if verdict.mutant.unseen and not verdict.run.passed]
    for name in wrong:
        print(f"SURVIVED {name}")
    for name in seen:
        print(f"SEEN after all: {name}")
    print(f"{len(verdicts)} mutants, {sum(not verdict.run.passed for verdict in verdicts)} killed")
    return 1 if wrong or seen else 0


if __name__ == "__main__":
    sys.exit(main())
