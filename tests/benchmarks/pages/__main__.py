"""How much of a page's text is read, where, in what order, in what time and memory; beside RapidOCR in the same run.

    python -m tests.benchmarks.pages --pages FOLDER … [--rapidocr PYTHON] [--variants [NAME …]]

FOLDER holds lines.json: a list of {"image", "lines": [{"polygon", "text"}]}. PYTHON is an interpreter of a virtual
environment that has `rapidocr`. Both read on one thread, page by page in turn. With --variants, ours reads the pages
turned, skewed, photographed, darkened and faded as well, or only as these NAMEs say.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeocr.model.pixels import Pixels
from edgeocr.model.training.detection.recall import TruthPage, found, holds, order_distance, outline, read_pages
from tests.benchmarks.pages.variants import VARIANTS


@dataclass
class Tally:
    """What a reader got right of one set of pages."""

    lines: int = 0
    found: int = 0
    boxed: int = 0
    order: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    first_share: list[float] = field(default_factory=list)
    peak_bytes: int = 0

    def add(self, page: TruthPage, answer: dict[str, Any], *, boxes: bool = True) -> None:
        text = "\n".join(text for _, text in answer["lines"])
        self.lines += len(page.lines)
        self.found += sum(holds(text, line.text) for line in page.lines)
        self.order.append(order_distance(text, [line.text for line in page.lines]))
        if boxes:
            detections = [outline(polygon) for polygon, _ in answer["lines"]]
            self.boxed += sum(found([line.outline for line in page.lines], detections))
        self.seconds.append(answer["seconds"])
        if answer["first"]:
            self.first_share.append(answer["first"] / answer["seconds"])
        self.peak_bytes = max(self.peak_bytes, answer["peak_bytes"])

    def cells(self) -> list[str]:
        share = 100 / self.lines
        first = f"{np.median(self.first_share):.2f}" if self.first_share else "–"
        return [
            *(f"{share * self.found:.1f}", f"{share * self.boxed:.1f}", f"{np.mean(self.order):.3f}"),
            *(f"{np.median(self.seconds):.2f}", f"{np.mean(self.seconds):.2f}", first, f"{self.peak_bytes / 1e6:.0f}"),
        ]


class Subject:
    """A reader in a process of its own."""

    def __init__(self, name: str, process: "subprocess.Popen[str]") -> None:
        self.name = name
        self._process = process

    def read(self, path: Path) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@contextmanager
def subject(name: str, *command: str) -> Iterator[Subject]:
    """A reader, while its block runs."""
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=one_thread
    ) as process:
        try:
            yield Subject(name, process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def compare(subjects: Sequence[Subject], folders: Sequence[Path]) -> None:
    """Prints a row for each set and reader, and the ratio of their times page by page."""
    print("| set | reader | found, % | boxed, % | order | median s | mean s | first line | peak MB |")
    print("| --- |" + " --- |" * 8)
    for folder in folders:
        pages = read_pages(folder)
        tallies = [Tally() for _ in subjects]
        for page in pages:
            for one, tally in zip(subjects, tallies, strict=True):
                tally.add(page, one.read(page.path))
        for one, tally in zip(subjects, tallies, strict=True):
            print(f"| {folder.name}, {tally.lines} lines | {one.name} | {' | '.join(tally.cells())} |", flush=True)
        if len(tallies) > 1:
            ratios = [ours / other for ours, other in zip(tallies[0].seconds, tallies[1].seconds, strict=True)]
            total = sum(tallies[0].seconds) / sum(tallies[1].seconds)
            print(f"\n{folder.name}: time ÷ RapidOCR's, median of pages {np.median(ratios):.3f}, all {total:.3f}\n")


def with_variants(ours: Subject, folders: Sequence[Path], names: Sequence[str]) -> None:
    """Prints the found share of variants and the distance from the pages' own order, those of upright pages first."""
    print("\n| pages | " + " | ".join(folder.name for folder in folders) + " |")
    print("| --- |" + " --- |" * len(folders))
    changes: dict[str, Callable[[Pixels], Pixels]] = {"as they are": lambda page: page}
    for name, change in {**changes, **{name: VARIANTS[name] for name in names}}.items():
        cells = []
        for folder in folders:
            tally = Tally()
            for page in read_pages(folder):
                with tempfile.NamedTemporaryFile(suffix=".png") as file:
                    changed = change(np.asarray(cv2.imread(str(page.path)), np.uint8))
                    file.write(cv2.imencode(".png", changed)[1].tobytes())
                    file.flush()
                    tally.add(page, ours.read(Path(file.name)), boxes=False)
            cells.append(f"{100 * tally.found / tally.lines:.1f}, {np.mean(tally.order):.3f}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="+", required=True)
    parser.add_argument("--rapidocr", help="interpreter of an environment with rapidocr")
    parser.add_argument("--variants", nargs="*", choices=list(VARIANTS), metavar="NAME")
    arguments = parser.parse_args()
    with subject("ours", sys.executable, "-m", "tests.benchmarks.pages.subject") as ours:
        if arguments.rapidocr:
            program = str(Path(__file__).with_name("rapidocr_subject.py"))
            with subject("RapidOCR", arguments.rapidocr, program) as other:
                compare([ours, other], arguments.pages)
        else:
            compare([ours], arguments.pages)
        if arguments.variants is not None:
            with_variants(ours, arguments.pages, arguments.variants or list(VARIANTS))


if __name__ == "__main__":
    main()
