"""Whether the characters that a reader marks as doubtful are those that are wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from edgeocr.model.training.evaluation.scoring import normalise


@dataclass
class Doubts:
    """Counts for each threshold of confidence below which a character is marked.

    A wrong character of a line that was read is one that is not of its text. Where characters are missing, their
    neighbours count as wrong: what a person looks at there.
    """

    thresholds: tuple[float, ...]
    lines: int = 0
    wrong_lines: int = 0
    found: dict[float, int] = field(default_factory=dict)
    right: int = 0
    marked: dict[float, int] = field(default_factory=dict)

    def __iadd__(self, other: "Doubts") -> "Doubts":
        self.lines += other.lines
        self.wrong_lines += other.wrong_lines
        self.right += other.right
        for threshold in self.thresholds:
            self.found[threshold] = self.found.get(threshold, 0) + other.found.get(threshold, 0)
            self.marked[threshold] = self.marked.get(threshold, 0) + other.marked.get(threshold, 0)
        return self

    def add(self, truth: str, read: Sequence[tuple[str, float]], set_name: str) -> None:
        """Counts a line: its text, and the characters that were read with their confidences."""
        wanted = normalise(truth, set_name)
        # As truths are folded, character by character.
        folded = [(one, confidence) for text, confidence in read for one in normalise(text, set_name)]
        is_wrong = _wrong(wanted, [one for one, _ in folded])
        self.lines += 1
        self.wrong_lines += any(is_wrong)
        self.right += is_wrong.count(False)
        for threshold in self.thresholds:
            is_marked = [confidence < threshold for _, confidence in folded]
            hits = sum(mark and wrong for mark, wrong in zip(is_marked, is_wrong, strict=True))
            self.found[threshold] = self.found.get(threshold, 0) + bool(hits)
            self.marked[threshold] = self.marked.get(threshold, 0) + sum(is_marked) - hits

    def cells(self) -> str:
        """Columns of a table: lines, wrong ones, the share of these with one marked, and of right characters."""
        wrong = ", ".join(
            f"{threshold}: {100 * self.found.get(threshold, 0) / max(1, self.wrong_lines):.1f} %"
            for threshold in self.thresholds
        )
        right = ", ".join(
            f"{threshold}: {100 * self.marked.get(threshold, 0) / max(1, self.right):.2f} %"
            for threshold in self.thresholds
        )
        return f"{self.lines} | {self.wrong_lines} | {wrong} | {right}"


def _wrong(wanted: str, read: Sequence[str]) -> list[bool]:
    """Which of the characters that were read are wrong."""
    wrong = [False] * len(read)
    for kind, *_, first, last in SequenceMatcher(None, wanted, read, autojunk=False).get_opcodes():
        if kind in ("replace", "insert"):
            wrong[first:last] = [True] * (last - first)
        elif kind == "delete":
            for place in range(max(0, first - 1), min(len(read), first + 1)):
                wrong[place] = True
    return wrong
