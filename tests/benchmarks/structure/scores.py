"""What is right of a page's units of text, and of its tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edgeocr.model.training.evaluation.scoring import edit_distance, normalise
from edgeocr.results.document import Table
from edgeocr.results.tables import table_rows

_LEAST_LENGTH = 6
"""Of a line that is looked for in a text."""
_EDITS = 0.05
"""Edits for each character of a unit that was read as one; what is misread is not what is measured."""


@dataclass
class Units:
    """Paragraphs, headings, items and lines that stand alone: how many there are, are read whole, and are read."""

    truths: int = 0
    right: int = 0
    read: int = 0

    def __iadd__(self, other: "Units") -> "Units":
        self.truths, self.right, self.read = (
            self.truths + other.truths,
            self.right + other.right,
            self.read + other.read,
        )
        return self

    def add(self, truths: Sequence[str], read: Sequence[str]) -> list[str]:
        """Counts those of a page; returns the truths that no text that was read is."""
        left = [" ".join(text.split()) for text in read]
        missed = []
        for truth in truths:
            found = next((text for text in left if _is_like(truth, text)), None)
            if found is None:
                missed.append(truth)
            else:
                left.remove(found)
        self.truths += len(truths)
        self.right += len(truths) - len(missed)
        self.read += len(read)
        return missed

    def cells(self) -> str:
        """Columns of a table: units, the share that is right, and how many texts are none."""
        return f"{self.truths} | {100 * self.right / max(1, self.truths):.1f} % | {self.read - self.right}"


@dataclass
class Following:
    """Lines of a page that are found once in its text, in their order, and those that come after the one before."""

    lines: int = 0
    right: int = 0

    def add(self, truths: Sequence[str], text: str) -> None:
        """Counts those of a page."""
        whole = normalise(text).upper()
        places = [
            whole.index(line)
            for line in (normalise(truth).upper() for truth in truths)
            if len(line) >= _LEAST_LENGTH and whole.count(line) == 1
        ]
        self.lines += max(0, len(places) - 1)
        self.right += sum(before < after for before, after in pairwise(places))

    def cell(self) -> str:
        """A column of a table: the share, and of how many."""
        return f"{100 * self.right / max(1, self.lines):.1f} % of {self.lines}"


@dataclass
class Cells:
    """Cells of tables with text, and those that are read in their row and column."""

    truths: int = 0
    right: int = 0

    def __iadd__(self, other: "Cells") -> "Cells":
        self.truths, self.right = self.truths + other.truths, self.right + other.right
        return self

    def add(self, truths: Sequence[Sequence[Sequence[str]]], read: Sequence[Table]) -> None:
        """Counts those of a page: each table of the truth takes the table that has most of its cells."""
        grids = [table_rows(table) for table in read]
        for rows in truths:
            self.truths += sum(bool(text) for row in rows for text in row)
            self.right += max((_cells_right(rows, grid) for grid in grids), default=0)

    def cells(self) -> str:
        """Columns of a table: cells, and the share that is right."""
        return f"{self.truths} | {100 * self.right / max(1, self.truths):.1f} %"


def _is_like(truth: str, text: str) -> bool:
    # Spaces count, since that is what joining gets wrong.
    return edit_distance(truth, text) <= _EDITS * len(truth)


def _cells_right(truth: Sequence[Sequence[str]], read: Sequence[Sequence[str]]) -> int:
    return sum(
        bool(text) and row < len(read) and column < len(read[row]) and normalise(read[row][column]) == normalise(text)
        for row, texts in enumerate(truth)
        for column, text in enumerate(texts)
    )
