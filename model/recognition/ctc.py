"""Greedy decoding of CTC scores (Graves et al. 2006): repeated classes merge, blanks vanish."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.results import Character, ReadText

BLANK = 0


def best_path(logits: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The likeliest class of each time step, and its softmax probability; that of a blank is given as 0.

    Softmax is calculated for the other steps only: with thousands of classes it would cost more than the rest.

    Args:
        logits: T×(1 + charset) scores before softmax; class 0 is the blank.
    """
    classes = logits.argmax(axis=1)
    probabilities = np.zeros(len(classes), np.float32)
    # Row by row: what one needs lies in the cache, and all of them would be a large block of memory.
    for row in np.flatnonzero(classes != BLANK):
        scores = logits[row]
        probabilities[row] = 1.0 / np.exp(scores - scores[classes[row]]).sum()
    return classes, probabilities


def centres(classes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Where the characters of a path are, in time steps."""
    starts, ends = _spans(classes)
    return np.asarray((starts + ends) / 2)


def decode(
    classes: NDArray[np.intp], probabilities: NDArray[np.float32], charset: Sequence[str], steps: float
) -> ReadText:
    """The text of a path through the scores of one line.

    Args:
        classes: the class of each time step.
        probabilities: how likely each is, 0–1.
        charset: the characters of classes 1, 2, ….
        steps: how many time steps the line itself takes, the rest being padding; may have a fraction.

    Returns:
        The text with each character's confidence, its class' highest probability while it lasts, and its estimated
        extent: borders lie half-way between the centres of neighbouring characters.
    """
    starts, ends = _spans(classes)
    if starts.size == 0:
        return ReadText("", 0.0, ())
    confidences = [float(probabilities[start:end].max()) for start, end in zip(starts, ends, strict=True)]
    borders = _borders((starts + ends) / 2 / steps)
    characters = tuple(
        Character(charset[classes[start] - 1], confidence, borders[place], borders[place + 1])
        for place, (start, confidence) in enumerate(zip(starts, confidences, strict=True))
    )
    text = "".join(character.text for character in characters)
    return ReadText(text, sum(confidences) / len(confidences), characters)


def _spans(classes: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first step of each character of a path, and the one behind its last."""
    change = np.flatnonzero(np.diff(classes, prepend=-1))
    starts = change[classes[change] != BLANK]
    return starts, np.append(change, len(classes))[np.searchsorted(change, starts) + 1]


def _borders(centres: NDArray[np.float64]) -> list[float]:
    """One more border than characters, rising, within 0–1."""
    middle = (centres[1:] + centres[:-1]) / 2
    half = np.diff(centres).mean() / 2 if len(centres) > 1 else 0.5
    borders = np.concatenate([[centres[0] - half], middle, [centres[-1] + half]])
    return [float(border) for border in np.clip(borders, 0.0, 1.0)]
