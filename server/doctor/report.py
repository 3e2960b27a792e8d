"""What the doctor says: facts with a verdict each, and settings with their reasons."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How well something suits the server."""

    GOOD = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact.

    Attributes:
        name: what was looked at.
        value: what was found.
        verdict: whether it is well.
        advice: what to do if it is not.
    """

    name: str
    value: str
    verdict: Verdict = Verdict.GOOD
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting that the server should have here, for each process, and why."""

    setting: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found."""

    findings: tuple[Finding, ...]
    settings: tuple[Advice, ...]

    @property
    def failed(self) -> bool:
        """Whether the server would not run well, or not at all."""
        return any(finding.verdict is Verdict.FAILURE for finding in self.findings)


def as_text(report: Report) -> str:
    """For people."""
    lines = _columns([(one.verdict, one.name, one.value) for one in report.findings])
    for place, finding in reversed([*enumerate(report.findings)]):
        if finding.advice:
            lines.insert(place + 1, f"{'':9}→ {finding.advice}")
    if report.settings:
        lines += ["", "To be set here, for each server:"]
        lines += [f"  {row}" for row in _columns([(one.setting, one.reason) for one in report.settings])]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """For programs."""
    return json.dumps({"failed": report.failed, **asdict(report)}, ensure_ascii=False, indent=2)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
