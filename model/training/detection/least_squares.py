"""Least squares: columns that explain the others, and linear maps."""

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_NOTHING = 1e-9
"""Share of the largest column's variance below which a column is explained."""


def explaining(columns: Matrix, count: int) -> list[int]:
    """Choose columns of N×C numbers that explain the rest best: each next one is that which leaves the least variance.

    Returns:
        Their indices in rising order.
    """
    centred = columns - columns.mean(0)
    left = centred.T @ centred
    least = _NOTHING * np.diag(left).max()
    chosen: list[int] = []
    for _ in range(count):
        sizes = np.diag(left)
        gains = np.where(sizes > least, (left**2).sum(0) / np.maximum(sizes, least), 0)
        gains[chosen] = -1
        best = int(np.argmax(gains))
        chosen.append(best)
        if sizes[best] > least:
            left = left - np.outer(left[:, best], left[best]) / left[best, best]
    return sorted(chosen)


def ridge(given: Matrix, wanted: Matrix, strength: float) -> tuple[Matrix, Matrix]:
    """The linear map from N×I to N×O numbers of the least squared error.

    Args:
        given: what the map takes.
        wanted: what it is to give.
        strength: of what holds the weights small, as a share of each input's variance.

    Returns:
        I×O weights, and O biases.
    """
    mean, deviation = given.mean(0), given.std(0) + 1e-6
    scaled = (given - mean) / deviation
    middle = wanted.mean(0)
    damped = scaled.T @ scaled + strength * len(scaled) * np.eye(scaled.shape[1])
    weights = np.linalg.solve(damped, scaled.T @ (wanted - middle)) / deviation[:, np.newaxis]
    return weights, middle - mean @ weights
