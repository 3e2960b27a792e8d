"""Foreign ink at the left or right of a crop: parts of neighbours, rules, specks and bullets.

The label does not contain it: less than half of a glyph is visible. The line's own ink is unchanged.
"""

import numpy as np

from edgeocr.model.training.data.augmentation import Mask
from edgeocr.model.training.data.text import Rng

_MOST_SHOWN = 0.42


def intrude(rng: Rng, ink: Mask, piece: Mask | None) -> Mask:
    """Widen a line's ink by a margin with foreign ink at one end or both.

    Args:
        rng: the generator.
        ink: H×W of the crop.
        piece: h×w of a glyph of which a part is shown, as tall as the line's; None for none.
    """
    for end in ("left", "right"):
        if rng.random() < 0.65:
            ink = _at_left(rng, ink, piece) if end == "left" else _at_left(rng, ink[:, ::-1], _turned(piece))[:, ::-1]
    return np.ascontiguousarray(ink)


def _turned(piece: Mask | None) -> Mask | None:
    return None if piece is None else piece[:, ::-1]


def _at_left(rng: Rng, ink: Mask, piece: Mask | None) -> Mask:
    height = len(ink)
    gap = int(height * rng.uniform(0.1, 0.45))
    kind = rng.random()
    if kind < 0.55 and piece is not None:
        shown = piece[:, -max(2, int(piece.shape[1] * rng.uniform(0.08, _MOST_SHOWN))) :]
    elif kind < 0.75:
        shown = np.full((height, int(rng.integers(1, max(2, height // 14) + 1))), rng.uniform(0.4, 1), np.float32)
    elif kind < 0.9:
        shown = _specks(rng, height)
    else:
        shown = np.zeros((height, int(height * rng.uniform(0.1, 0.5))), np.float32)
        side = int(height * rng.uniform(0.12, 0.25))
        top = int(height * rng.uniform(0.35, 0.5))
        shown[top : top + side, -side:] = 1
    column = np.zeros((height, shown.shape[1] + gap), np.float32)
    room = min(height, len(shown))
    top = (height - room) // 2
    column[top : top + room, : shown.shape[1]] = shown[(len(shown) - room) // 2 :][:room]
    return np.concatenate([column, ink], 1)


def _specks(rng: Rng, height: int) -> Mask:
    column = np.zeros((height, int(height * rng.uniform(0.1, 0.4)) + 2), np.float32)
    for _ in range(int(rng.integers(1, 5))):
        y, x = int(rng.integers(height)), int(rng.integers(column.shape[1]))
        size = int(rng.integers(1, max(2, height // 12) + 1))
        column[y : y + size, x : x + size] = rng.uniform(0.4, 1)
    return column
