"""Marks on paper: pixels that differ from their background, and runs of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

CONTRAST = 64
"""Minimum contrast of strokes, 0–255."""


def paper(grey: NDArray[np.uint8]) -> int:
    """The brightness of H×W pixels' paper, 0–255: their median, rounded down, since most pixels are paper."""
    # Counting bytes takes two fifths to a fifth of the time of ordering them. An even number has two in the middle.
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().cumsum()
    lower, upper = np.searchsorted(counts, ((grey.size + 1) // 2, grey.size // 2 + 1)).tolist()
    return int(lower + upper) // 2


def contrast(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much each of H×W pixels differs from its paper, 0–255."""
    return np.asarray(cv2.absdiff(grey, np.full_like(grey, paper(grey))), np.uint8)


def runs(marks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Starts and ends (exclusive) of runs in a row of N."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marks.astype(np.int8), [0]))))
    return [(int(begin), int(end)) for begin, end in zip(edges[::2], edges[1::2], strict=True)]
