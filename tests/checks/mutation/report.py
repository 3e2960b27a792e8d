"""The table of faults as a page of the documentation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.checks.mutation.mutant import Mutant
from tests.checks.mutation.workshop import Run

_INTRODUCTION = """\
# Mutants

Faults that `make mutation-check` puts into a copy of the server, one at a time, and the test that noticed each. The
fast tests for a fault's subject must notice it; a fault that no test can notice states the reason.
"""

_ROW = re.compile(r"^\| (.+) \| `[^`]+` \| killed by `(tests/[^`]+)` \|$", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    run: Run

    @property
    def is_right(self) -> bool:
        """Whether it was noticed, or cannot be."""
        return not self.run.passed or bool(self.mutant.unseen)

    def __str__(self) -> str:
        if not self.run.passed:
            return f"killed by `{self.run.first_failure}`"
        return f"survived: {self.mutant.unseen}" if self.mutant.unseen else "**survived**"


def row(verdict: Verdict) -> str:
    """Markdown of a verdict."""
    return f"| {verdict.mutant.name} | `{verdict.mutant.path}` | {verdict} |"


def page(rows: Sequence[str]) -> str:
    """Markdown of all verdicts, each as `row` writes it."""
    killed = sum("| killed by " in one for one in rows)
    counts = f"{len(rows)} faults: {killed} killed, {len(rows) - killed} survived.\n"
    return "\n".join([_INTRODUCTION, counts, "| the server … | file | |", "| --- | --- | --- |", *rows, ""])


def rows_of(text: str) -> dict[str, str]:
    """The rows of a page as `page` writes it, by the names of their mutants."""
    return {found[1]: found[0] for found in re.finditer(r"^\| (.+?) \| `[^`]+` \| .+ \|$", text, re.MULTILINE)}


def noticed(text: str) -> dict[str, str]:
    """Which test noticed each mutant, by a page as `page` writes it."""
    return dict(_ROW.findall(text))
