"""Dot-matrix text: display panels, till and needle printers, whose dots are visible."""

import cv2
import numpy as np

from edgeocr.model.training.data.augmentation import Mask
from edgeocr.model.training.data.text import Rng

_LIGHTS = np.array([(40, 40, 255), (40, 170, 255), (60, 255, 60), (255, 220, 120), (235, 235, 235)], np.float32)
_CRYSTALS = np.array([(110, 180, 150), (150, 190, 170), (190, 150, 70)], np.float32)


def dotted(rng: Rng, ink: Mask, is_wide: bool) -> Mask:
    """Ink as dots of a grid, with as few rows as keep the glyphs legible; more for Han.

    Args:
        rng: the generator.
        ink: H×W, with little around the text.
        is_wide: whether the glyphs are Han.
    """
    rows = int(rng.integers(20, 30) if is_wide else rng.integers(12, 20))
    columns = max(2, round(ink.shape[1] * rows / len(ink)))
    grid = cv2.resize(ink, (columns, rows), interpolation=cv2.INTER_AREA) > rng.uniform(0.32, 0.45)
    pitch = max(5, round(len(ink) * 1.5 / rows))
    y, x = np.mgrid[:pitch, :pitch] + 0.5 - pitch / 2
    if rng.random() < 0.75:
        dot = np.clip(rng.uniform(0.36, 0.55) * pitch - np.hypot(y, x) + 0.5, 0, 1)
    else:
        dot = (np.maximum(abs(y), abs(x)) < 0.5 * pitch - 0.75).astype(np.float64)
    lit = np.kron(grid * np.where(rng.random(grid.shape) < 0.01, 0.2, 1), dot)
    faint = np.kron(~grid, dot) * (rng.uniform(0.03, 0.15) if rng.random() < 0.4 else 0)
    return (lit + faint).astype(np.float32)


def colours(rng: Rng) -> tuple[Mask, Mask]:
    """Background and dots, BGR 0–255: lights on dark, dark crystals on grey-green, ink on paper."""
    kind = rng.random()
    if kind < 0.5:
        dark, light = rng.uniform(0, 50, 3), _LIGHTS[int(rng.integers(len(_LIGHTS)))] * rng.uniform(0.7, 1)
    elif kind < 0.7:
        dark, light = _CRYSTALS[int(rng.integers(len(_CRYSTALS)))] * rng.uniform(0.8, 1.2), rng.uniform(20, 70, 3)
    else:
        dark, light = np.full(3, rng.uniform(200, 255)), np.full(3, rng.uniform(0, 110))
    return np.clip(dark, 0, 255).astype(np.float32), np.clip(light, 0, 255).astype(np.float32)
