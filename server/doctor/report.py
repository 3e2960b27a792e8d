"""The doctor's report: findings with verdicts, and recommended settings with reasons."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a finding suits the server."""

    GOOD = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding.

    Attributes:
        name: what was examined.
        value: what was found.
        verdict: whether it is suitable.
        advice: what to do if not.
    """

    name: str
    value: str
    verdict: Verdict = Verdict.GOOD
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommended setting for each server process, and the reason."""

    setting: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """All findings."""

    findings: tuple[Finding, ...]
    settings: tuple[Advice, ...]

    @property
    def failed(self) -> bool:
        """Whether a check failed."""
        return any(finding.verdict is Verdict.FAILURE for finding in self.findings)


def as_text(report: Report) -> str:
    """The report as text."""
    lines = _columns([(one.verdict, one.name, one.value) for one in report.findings])
    for place, finding in reversed([*enumerate(report.findings)]):
        if finding.advice:
            lines.insert(place + 1, f"{'':9}→ {finding.advice}")
    if report.settings:
        lines += ["", "Recommended settings for each server:"]
        lines += [f"  {row}" for row in _columns([(one.setting, one.reason) for one in report.settings])]
    return "\n".join(lines)


def as_json(report: Report) -> str:
    """The report as JSON."""
    return json.dumps({"failed": report.failed, **asdict(report)}, ensure_ascii=False, indent=2)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:-1]]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
