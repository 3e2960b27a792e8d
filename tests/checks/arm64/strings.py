"""What machines read from the same lines, and where they differ."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checks.arm64.emulator.machines import MODEL, PROGRAM, Machine
from tests.checks.arm64.emulator.runtime import fingerprint


@dataclass(frozen=True)
class Comparison:
    """Texts of the same lines from two machines.

    Attributes:
        machine: name of the one that is compared with this machine.
        lines: how many were read by both.
        differing: image, text here, text there.
    """

    machine: str
    lines: int
    differing: tuple[tuple[Path, str, str], ...]

    @property
    def identical(self) -> float:
        """Share of lines with the same text, 0–1."""
        return 1 - len(self.differing) / self.lines if self.lines else 0.0


def compare(machine: str, here: Mapping[Path, str], there: Mapping[Path, str]) -> Comparison:
    """Compares character by character, nothing folded.

    Raises:
        KeyError: a line was read here and not there.
    """
    differing = tuple((image, text, there[image]) for image, text in here.items() if text != there[image])
    return Comparison(machine, len(here), differing)


def read(machine: Machine, weights: Path, images: Sequence[Path], folder: Path) -> dict[Path, str]:
    """The text of each image on a machine; what was read before is kept in the folder and not read again.

    Raises:
        GuestFailed: the machine's reader did not end well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = folder / f"{machine.name.replace(' ', '-')}-{reading_fingerprint(weights)}.jsonl"
    found = _load(rows)
    missing = [image for image in images if image not in found]
    if missing:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder) as names:
            names.write("\n".join(map(str, missing)))
            names.flush()
            machine.run("read", "--weights", str(weights.resolve()), "--images", names.name, "--to", str(rows))
        found = _load(rows)
    return {image: found[image] for image in images}


def _load(rows: Path) -> dict[Path, str]:
    if not rows.exists():
        return {}
    text = rows.read_text("utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        # A row without an end was being written when the reader was stopped; the next one must not follow on it.
        rows.write_text(whole, "utf-8")
    results = [json.loads(line) for line in whole.split("\n")[:-1]]
    return {Path(result["image"]): result["text"] for result in results}


def reading_fingerprint(weights: Path) -> str:
    """Changes with whatever may change a text: the weights, the code that reads, the versions of its libraries."""
    code = [path for path in MODEL.rglob("*.py") if not path.is_relative_to(MODEL / "training")]
    return fingerprint((*sorted(weights.iterdir()), PROGRAM, *sorted(code)))
