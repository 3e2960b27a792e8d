"""Readers in processes of their own, and what they get right of labelled pages."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from edgeocr.model.training.detection.recall import TruthPage, found, holds, order_distance, outline


@dataclass
class Tally:
    """What a reader got right of one set of pages.

    Attributes:
        lines: of the truth.
        found: of these, whose text the page's text holds.
        boxed: of these, whose polygon is covered by those that were found.
        order: a distance for each page.
        seconds: of the processor, for each page.
        first_share: when the first line was out, likewise.
        peak_bytes: most resident memory.
    """

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
        if answer.get("first"):
            self.first_share.append(answer["first"] / answer["seconds"])
        self.peak_bytes = max(self.peak_bytes, answer["peak_bytes"])

    def cells(self) -> list[str]:
        share = 100 / self.lines
        first = f"{np.median(self.first_share):.2f}" if self.first_share else "–"
        return [
            *(f"{share * self.found:.1f}", f"{share * self.boxed:.1f}", f"{np.mean(self.order):.3f}"),
            *(f"{np.median(self.seconds):.2f}", f"{np.mean(self.seconds):.2f}", first, f"{self.peak_bytes / 1e6:.0f}"),
        ]


HEADING = (
    "| set | reader | found, % | boxed, % | order | median s | mean s | first line | peak MB |\n| --- |" + " --- |" * 8
)
"""Of a table whose rows end in the cells of tallies."""


class Subject:
    """A reader in a process of its own."""

    def __init__(self, name: str, process: "subprocess.Popen[str]") -> None:
        self.name = name
        self._process = process

    def read(self, path: Path) -> dict[str, Any]:
        """The answer of its program to one page.

        Raises:
            EOFError: the program has ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        if not (row := self._process.stdout.readline()):
            raise EOFError(f"{self.name} ended while it read {path}")
        answer: dict[str, Any] = json.loads(row)
        return answer


@contextmanager
def subject(name: str, *command: str) -> Iterator[Subject]:
    """A reader on one thread, while its block runs."""
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=one_thread
    ) as process:
        try:
            yield Subject(name, process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
