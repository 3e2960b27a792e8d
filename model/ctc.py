"""Greedy decoding of CTC scores (Graves et al. 2006): repeated classes merge, blanks vanish."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Character, ReadText

BLANK = 0


def decode(logits: NDArray[np.float32], charset: Sequence[str], steps: float) -> ReadText:
    """The best path through the scores of one line.

    Args:
        logits: T×(1 + charset) scores before softmax; class 0 is the blank.
        charset: the characters of classes 1, 2, ….
        steps: how many time steps the line itself takes, the rest being padding; may have a fraction.

    Returns:
        The text with each character's confidence, the softmax probability at the time step that scores it highest,
        and its estimated extent: borders lie half-way between the centres of neighbouring characters.
    """
    best = logits.argmax(axis=1)
    change = np.flatnonzero(np.diff(best, prepend=-1))
    starts = change[best[change] != BLANK]
    if starts.size == 0:
        return ReadText("", 0.0, ())
    ends = np.append(change, len(best))[np.searchsorted(change, starts) + 1]
    probabilities = _probabilities(logits, best, starts, ends)
    centres = (starts + ends) / 2 / steps
    borders = _borders(centres)
    characters = tuple(
        Character(charset[best[start] - 1], probability, borders[place], borders[place + 1])
        for place, (start, probability) in enumerate(zip(starts, probabilities, strict=True))
    )
    text = "".join(character.text for character in characters)
    return ReadText(text, sum(probabilities) / len(probabilities), characters)


def _probabilities(
    logits: NDArray[np.float32], best: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> list[float]:
    """For each run of time steps, the softmax probability of its class at the step that scores it highest.

    Only these steps' softmax is calculated: with thousands of classes it would cost more than the rest of decoding.
    """
    top = logits[np.arange(len(best)), best]
    rows = [start + int(top[start:end].argmax()) for start, end in zip(starts, ends, strict=True)]
    shifted = logits[rows] - top[rows, np.newaxis]
    return [float(share) for share in 1.0 / np.exp(shifted, out=shifted).sum(axis=1)]


def _borders(centres: NDArray[np.float64]) -> list[float]:
    """One more border than characters, rising, within 0–1."""
    middle = (centres[1:] + centres[:-1]) / 2
    half = np.diff(centres).mean() / 2 if len(centres) > 1 else 0.5
    borders = np.concatenate([[centres[0] - half], middle, [centres[-1] + half]])
    return [float(border) for border in np.clip(borders, 0.0, 1.0)]
