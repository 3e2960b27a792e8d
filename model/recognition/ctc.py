"""Greedy decoding of CTC scores (Graves et al. 2006): repeated classes merge, blanks vanish."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Alternative, Character, ReadText

BLANK = 0
_NONE = np.array([-1])
"""What is no class: before and behind a path."""
DOUBTFUL = 0.9
"""Confidence below which a character has alternatives."""
_MOST_ALTERNATIVES, _LEAST_LIKELY = 3, 0.02
"""Alternatives of a character at most, and how likely each is at least."""
_FAR = 16.0
"""A class whose score is lower by more weighs less than a ten-millionth of the likeliest one; all of them together were
seen to weigh four in ten thousand."""


class Path(NamedTuple):
    """The likeliest way through the scores of T time steps.

    Attributes:
        classes: T, the likeliest class of each step.
        probabilities: T, its softmax probability; that of a blank is given as 0.
        others: T×3, the likeliest of the other classes that are likely enough for alternatives, blanks excepted, where
            the best one is doubtful; 0 elsewhere.
        other_probabilities: T×3, likewise.
    """

    classes: NDArray[np.intp]
    probabilities: NDArray[np.float32]
    others: NDArray[np.intp]
    other_probabilities: NDArray[np.float32]

    def steps(self, start: int, end: int) -> "Path":
        """A part of it."""
        return Path(
            self.classes[start:end],
            self.probabilities[start:end],
            self.others[start:end],
            self.other_probabilities[start:end],
        )

    @classmethod
    def joined(cls, paths: Sequence[Self]) -> "Path":
        """One path of several that follow one another."""
        classes, probabilities, others, other_probabilities = zip(*paths, strict=True)
        return Path(
            np.concatenate(classes),
            np.concatenate(probabilities),
            np.concatenate(others),
            np.concatenate(other_probabilities),
        )


def best_path(logits: NDArray[np.float32]) -> Path:
    """The likeliest class of each time step.

    Args:
        logits: T×(1 + charset) scores before softmax; class 0 is the blank.
    """
    classes = logits.argmax(axis=1)
    return _path(logits, classes, logits[np.arange(len(classes)), classes])


def path_through(logits: NDArray[np.float32], classes: NDArray[np.intp]) -> Path:
    """The path of these classes, whichever are likeliest.

    Args:
        logits: T×(1 + charset) scores before softmax; class 0 is the blank.
        classes: T, one of each time step.
    """
    return _path(logits, classes, logits.max(axis=1))


def _path(logits: NDArray[np.float32], classes: NDArray[np.intp], tops: NDArray[np.float32]) -> Path:
    """A path through the scores of time steps, given the highest score of each.

    Softmax is calculated for steps without a blank only: with thousands of classes it would cost more than the rest.
    """
    count = len(classes)
    path = Path(
        classes,
        np.zeros(count, np.float32),
        np.zeros((count, _MOST_ALTERNATIVES), np.intp),
        np.zeros((count, _MOST_ALTERNATIVES), np.float32),
    )
    for row in (classes != BLANK).nonzero()[0].tolist():
        scores, best, top = logits[row], classes[row], tops[row]
        # Of thousands of classes some dozens weigh anything: the others need no exponential.
        near = (scores > top - _FAR).nonzero()[0]
        weights = np.exp(scores[near] - top)
        whole = weights.sum()
        path.probabilities[row] = probability = np.exp(scores[best] - top) / whole
        if probability < DOUBTFUL:
            weights[(near == BLANK) | (near == best)] = 0.0
            # Where a network has no idea, there are thousands of others, few of which are likely.
            likely = (weights >= _LEAST_LIKELY * whole).nonzero()[0]
            ranked = likely[np.argsort(-weights[likely])[:_MOST_ALTERNATIVES]]
            path.others[row, : len(ranked)] = near[ranked]
            path.other_probabilities[row, : len(ranked)] = weights[ranked] / whole
    return path


def centres(classes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Where the characters of a path are, in time steps."""
    starts, ends = _spans(classes)
    return np.asarray((starts + ends) / 2)


def decode(path: Path, charset: Sequence[str], steps: float) -> ReadText:
    """The text of a path through the scores of one line.

    Args:
        path: with the class of each time step.
        charset: the characters of classes 1, 2, ….
        steps: how many time steps the line itself takes, the rest being padding; may have a fraction.

    Returns:
        The text with each character's confidence, its class' highest probability while it lasts, and its estimated
        extent: borders lie half-way between the centres of neighbouring characters. Doubtful ones have alternatives,
        those of the time step at which they are likeliest.
    """
    starts, ends = _spans(path.classes)
    if starts.size == 0:
        return ReadText("", 0.0, ())
    probabilities = path.probabilities.tolist()
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    peaks = [
        start if end - start == 1 else max(range(start, end), key=probabilities.__getitem__) for start, end in spans
    ]
    confidences = [probabilities[peak] for peak in peaks]
    borders = _borders(((starts + ends) / (2 * steps)).tolist())
    characters = tuple(
        Character(
            text=charset[number - 1],
            confidence=confidence,
            start=start,
            end=end,
            alternatives=() if confidence >= DOUBTFUL else _alternatives(path, peak, charset),
        )
        for number, peak, confidence, (start, end) in zip(
            path.classes[starts].tolist(), peaks, confidences, pairwise(borders), strict=True
        )
    )
    text = "".join(character.text for character in characters)
    return ReadText(text, sum(confidences) / len(confidences), characters)


def _spans(classes: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first step of each character of a path, and the one behind its last."""
    around = np.concatenate([_NONE, classes, _NONE])
    borders = (around[1:] != around[:-1]).nonzero()[0]
    starts, ends = borders[:-1], borders[1:]
    is_character = classes[starts] != BLANK
    return starts[is_character], ends[is_character]


def _alternatives(path: Path, step: int, charset: Sequence[str]) -> tuple[Alternative, ...]:
    found = zip(path.others[step].tolist(), path.other_probabilities[step].tolist(), strict=True)
    return tuple(Alternative(charset[other - 1], likely) for other, likely in found if likely >= _LEAST_LIKELY)


def _borders(centres: Sequence[float]) -> list[float]:
    """One more border than characters, rising, within 0–1."""
    half = (centres[-1] - centres[0]) / (len(centres) - 1) / 2 if len(centres) > 1 else 0.5
    middle = [(before + after) / 2 for before, after in pairwise(centres)]
    return [min(max(border, 0.0), 1.0) for border in (centres[0] - half, *middle, centres[-1] + half)]
