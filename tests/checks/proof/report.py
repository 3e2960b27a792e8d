"""The report as a page of the documentation."""

from collections.abc import Mapping

from tests.checks.proof.outcome import Outcome

_INTRODUCTION = """\
# Proof

The properties of edgeocr, as measured by `make prove`. Each gate has limits for the unchanged server, and
controls: servers with a fault that only the suite adds, which its checks must flag. `tests/checks/proof/` defines how
each is measured.
"""


def page(outcomes: Mapping[str, tuple[str, str, Outcome]], facts: Mapping[str, str]) -> str:
    """Markdown of the outcomes, by the gates' names with their titles.

    Args:
        outcomes: title, date and outcome of each gate.
        facts: about the machine.
    """
    parts = [_INTRODUCTION, _table(("", ""), facts.items())]
    for name, (title, date, outcome) in outcomes.items():
        parts.append(f"## {title}\n\n`make prove ONLY={name}`, {date}\n")
        if outcome.skipped:
            parts.append(f"Not run: {outcome.skipped}.\n")
        if outcome.checks:
            rows = [(check.name, check.limit, check.measured, _verdict(check.passed)) for check in outcome.checks]
            parts.append(_table(("check", "limit", "measured", ""), rows))
        if outcome.controls:
            flagged = [
                (one.fault, one.measured, "flagged" if one.flagged else "**missed**") for one in outcome.controls
            ]
            parts.append(_table(("control: a server with the fault", "measured", ""), flagged))
        if outcome.facts:
            parts.append(_table(("also", "measured"), outcome.facts.items()))
    return "\n".join(parts)


def _verdict(passed: bool) -> str:
    return "kept" if passed else "**not kept**"


def _table(heads, rows) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in lines) + "\n"
