"""Outcomes of full runs, kept as files, so that a suite of hours may be run gate by gate and cut off."""

import json
import time
from dataclasses import asdict
from pathlib import Path

from tests.checks.proof.outcome import Check, Control, Outcome

FOLDER = Path("build/proof")


def keep(name: str, outcome: Outcome, folder: Path = FOLDER) -> None:
    """Writes a gate's outcome, with today's date."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {"date": time.strftime("%Y-%m-%d"), **asdict(outcome)}
    partial = folder / f"{name}.partial"
    partial.write_text(json.dumps(values, ensure_ascii=False, indent=2), "utf-8")
    partial.replace(folder / f"{name}.json")


def kept(name: str, folder: Path = FOLDER) -> tuple[str, Outcome] | None:
    """The date and the outcome of a gate's last full run; None if there is none."""
    path = folder / f"{name}.json"
    if not path.exists():
        return None
    values = json.loads(path.read_text("utf-8"))
    date = values.pop("date")
    checks = [Check(**one) for one in values.pop("checks")]
    controls = [Control(**one) for one in values.pop("controls")]
    return date, Outcome(checks, controls, **values)
