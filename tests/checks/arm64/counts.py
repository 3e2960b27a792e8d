"""Instructions of one inference, by kind, as the emulator's plugin counted them."""

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low

from edgeocr.model.networks import session
from tests.checks.arm64.emulator.machines import PROGRAM, aarch64
from tests.checks.arm64.emulator.qemu import Emulator
from tests.checks.arm64.emulator.runtime import fingerprint
from tests.checks.arm64.errors import GuestFailed

WIDTH_PIXELS = 320
"""Of the line that is counted."""

_RUNS = 3


@dataclass(frozen=True)
class Subject:
    """A recogniser that takes N×48×W×3 pixels.

    Attributes:
        name: what tables call it.
        path: ONNX file.
        scores: time steps and classes that it gives for one line of 320 pixels.
    """

    name: str
    path: Path
    scores: tuple[int, int]


@dataclass(frozen=True)
class Count:
    """Instructions executed between two marks.

    Attributes:
        total: all of them.
        dot: SDOT and UDOT, which multiply sixteen pairs of bytes and add them up.
        integer: other vector multiplications of integers.
        single: multiplications of 32- or 64-bit floats, fused with an addition or not, vector or scalar.
        half: multiplications of 16-bit floats.
        beyond: instructions that the CPU does not have (matrix products, scalable vectors); must be none.
    """

    total: int
    dot: int
    integer: int
    single: int
    half: int
    beyond: int

    @property
    def integer_share(self) -> float:
        """Share of integer ones among all multiplications, 0–1."""
        multiplications = self.dot + self.integer + self.single + self.half
        return (self.dot + self.integer) / multiplications if multiplications else 0.0


def between(before: str, after: str) -> Count:
    """What was executed between two lines of the plugin.

    Raises:
        ValueError: a line is not the plugin's.
    """
    old, new = _fields(before), _fields(after)
    step = {kind: new[kind] - old[kind] for kind in new}
    return Count(
        total=step["total"],
        dot=step["sdot"] + step["udot"],
        integer=step["mul_int"],
        single=step["mul_f32"],
        half=step["mul_f16"],
        beyond=step["i8mm"] + step["bf16"] + step["sve"],
    )


def _fields(line: str) -> dict[str, int]:
    return {name: int(value) for name, value in (field.split("=") for field in line.split())}


def typical(report: str) -> Count:
    """The median of the runs in a plugin's file.

    Raises:
        ValueError: it has none.
    """
    lines = report.splitlines()
    if len(lines) < 2:
        raise ValueError("the plugin saw no run between two marks")
    counted = [between(before, after) for before, after in itertools.pairwise(lines)]
    middle = median_low(count.total for count in counted)
    return next(count for count in counted if count.total == middle)


def count(subject: Subject, cpu: str, emulator: Emulator, folder: Path) -> Count:
    """Counts a network's instructions for one line on an aarch64 CPU; what was counted before is kept in the folder.

    Raises:
        GuestFailed: the network cannot be run, or the plugin saw nothing of it.
    """
    code = (emulator.plugin, PROGRAM, Path(session.__file__))
    report = folder.resolve() / "counted" / f"{cpu}-{fingerprint((subject.path, *code))}"
    if not report.exists():
        report.parent.mkdir(parents=True, exist_ok=True)
        partial = report.with_name(f"partial.{os.getpid()}")
        partial.unlink(missing_ok=True)
        steps, classes = subject.scores
        arguments = ["--width", str(WIDTH_PIXELS), "--scores", str(steps), str(classes), "--runs", str(_RUNS)]
        aarch64(emulator, folder, cpu, partial).run("run", "--network", str(subject.path.resolve()), *arguments)
        if not partial.exists():
            raise GuestFailed(f"{subject.name}: ran on {cpu}, but the emulator's plugin saw no mark")
        partial.rename(report)
    return typical(report.read_text("utf-8"))


Row = tuple[str, str, Count]
"""Network, CPU, count."""


def table(rows: Sequence[Row]) -> str:
    """Lays counts out as Markdown; each is set against the first, which is ours."""
    head = "| network | CPU | million instructions | × ours | SDOT, UDOT | other integer | float |"
    lines = [f"{head} integer of multiplications |", "| --- | --- |" + " ---: |" * 6]
    ours = rows[0][2].total
    for name, cpu, counted in rows:
        cells = [f"{counted.total / 1e6:.1f}", f"{counted.total / ours:.2f}"]
        kinds = (counted.dot, counted.integer, counted.single + counted.half)
        cells += [f"{kind / 1e6:.2f} ({kind / counted.total:.1%})" for kind in kinds]
        lines.append(f"| {name} | {cpu} | {' | '.join(cells)} | {counted.integer_share:.1%} |")
    return "\n".join(lines)
