"""Scores spaces, which scores of texts ignore: those between words, and wrong ones next to Han."""

from collections.abc import Iterable
from dataclasses import dataclass

from edgeocr.characters import is_han
from edgeocr.model.training.evaluation.scoring import normalise


@dataclass(frozen=True)
class Spaces:
    """Counts over a set of lines.

    Attributes:
        made: spaces in what was read.
        wanted: spaces in the truth.
        right: those in both, at the same place.
        stray: spaces next to Han beyond the number that the truth has in the line.
    """

    made: int = 0
    wanted: int = 0
    right: int = 0
    stray: int = 0

    def __add__(self, other: "Spaces") -> "Spaces":
        return Spaces(
            self.made + other.made,
            self.wanted + other.wanted,
            self.right + other.right,
            self.stray + other.stray,
        )

    @property
    def precision(self) -> float:
        """Share of the spaces read that are right, 0–1; 1 where none was read."""
        return self.right / self.made if self.made else 1.0

    @property
    def recall(self) -> float:
        """Share of the spaces written that were read, 0–1; 1 where none was written."""
        return self.right / self.wanted if self.wanted else 1.0


def count(pairs: Iterable[tuple[str, str]]) -> Spaces:
    """Count over (truth, guess) pairs; places are compared in lines that are correct but for spaces."""
    total = Spaces()
    for truth, guess in pairs:
        stray = max(0, _beside_han(guess) - _beside_han(truth))
        total += Spaces(stray=stray)
        if normalise(truth) == normalise(guess):
            wanted, made = _places(truth), _places(guess)
            total += Spaces(len(made), len(wanted), len(made & wanted))
    return total


def _places(text: str) -> set[int]:
    """The number of characters before each space within a text, not counting spaces."""
    words = text.split()
    places, length = set(), 0
    for word in words[:-1]:
        length += len(word)
        places.add(length)
    return places


def _beside_han(text: str) -> int:
    text = text.strip()
    return sum(
        character.isspace() and (is_han(text[place - 1]) or is_han(text[place + 1]))
        for place, character in enumerate(text)
    )
