"""Handwriting from strokes: the median of each stroke of a character, bent, joined and drawn with a pen.

The strokes are those of npm's `hanzi-writer-data` (Arphic Public License). Letters, digits and signs, which it lacks,
are set in a face. A writer's habits (pen, slant, haste) are constant for a line; every stroke varies independently.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeocr.model.training.data.augmentation import Mask
from edgeocr.model.training.data.text import Rng

Points = NDArray[np.float32]

_UNITS = 1024.0
_TOP = 900.0
"""The em square reaches from y = 900 down to y = −124."""

_OVERSAMPLING = 2
_SHIFT = 4
"""Binary digits of a pixel's fraction in OpenCV's coordinates."""


@dataclass(frozen=True)
class Hand:
    """A writer's habits, in shares of a character's size.

    Attributes:
        pen: width of the stroke.
        pressure: how much that width varies, 0–1.
        slant: shear to the right.
        slack: displacement of a stroke's ends.
        bend: curvature of a stroke.
        haste: probability that the pen stays on the paper between two strokes.
        rounding: probability that a corner is cut.
        wander: deviation of characters from the baseline and from their size.
        pitch: from one character to the next.
    """

    pen: float
    pressure: float
    slant: float
    slack: float
    bend: float
    haste: float
    rounding: int
    wander: float
    pitch: float


def draw_hand(rng: Rng) -> Hand:
    """Draw a writer's habits."""
    care = rng.random()
    return Hand(
        pen=float(rng.uniform(0.028, 0.085)),
        pressure=float(rng.uniform(0, 0.6)),
        slant=float(rng.normal(0.04, 0.12)),
        slack=float(0.014 + 0.055 * care * rng.random()),
        bend=float(0.12 * care * rng.random()),
        haste=float(0.6 * care * rng.random() ** 0.7),
        rounding=int(rng.integers(0, 4)),
        wander=float(rng.uniform(0.01, 0.09)),
        pitch=float(rng.uniform(0.7, 1.0) if rng.random() < 0.75 else rng.uniform(1.0, 1.4)),
    )


class Strokes:
    """The strokes of characters, in the em square, y downwards, 0–1.

    Args:
        characters: those that can be written.
        strokes: for each character its strokes, each n×2 points.
    """

    def __init__(self, characters: Sequence[str], strokes: Sequence[Sequence[Points]]) -> None:
        self._strokes = dict(zip(characters, strokes, strict=True))

    @property
    def characters(self) -> frozenset[str]:
        """The characters that can be written."""
        return frozenset(self._strokes)

    def filled(self, other: "Strokes") -> "Strokes":
        """These, and another's for characters that these lack."""
        known = {**other._strokes, **self._strokes}
        return Strokes(list(known), list(known.values()))

    def write(self, rng: Rng, hand: Hand, character: str, size_pixels: int) -> Mask:
        """Write one character; size×size float32, ink at 1, with a margin of a quarter on every side."""
        side = size_pixels * _OVERSAMPLING
        canvas = np.zeros((side * 3 // 2, side * 3 // 2), np.uint8)
        lines = [_departed(rng, hand, stroke) for stroke in self._strokes[character]]
        grown = np.array([1, 1]) + rng.normal(0, hand.wander, 2)
        turn = np.deg2rad(rng.normal(0, 30 * hand.wander))
        matrix = np.array([[np.cos(turn), -np.sin(turn) - hand.slant], [np.sin(turn), np.cos(turn)]]) * grown
        offset = 0.75 + rng.normal(0, 0.5 * hand.wander, 2)
        placed = [((line - 0.5) @ matrix.T + offset) * side for line in lines]
        for place, line in enumerate(placed):
            _draw(rng, hand, canvas, line, side)
            if place + 1 < len(placed) and rng.random() < hand.haste:
                _draw(rng, hand, canvas, np.stack([line[-1], placed[place + 1][0]]), side, lifted=True)
        smaller = cv2.resize(canvas, None, fx=1 / _OVERSAMPLING, fy=1 / _OVERSAMPLING, interpolation=cv2.INTER_AREA)
        return np.asarray(smaller, np.float32) / np.float32(255)


def _departed(rng: Rng, hand: Hand, stroke: Points) -> NDArray[np.float64]:
    """A random variation of a stroke: stretched and rotated about its middle, curved, its corners cut."""
    points = np.asarray(stroke, np.float64)
    for _ in range(hand.rounding):
        inner = np.concatenate([0.75 * points[:-1] + 0.25 * points[1:], 0.25 * points[:-1] + 0.75 * points[1:]], axis=1)
        points = np.concatenate([points[:1], inner.reshape(-1, 2), points[-1:]])
    middle = points.mean(0)
    turn, grown = rng.normal(0, 1.6 * hand.slack), 1 + rng.normal(0, 2.5 * hand.slack)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * grown
    points = (points - middle) @ matrix.T + middle + rng.normal(0, hand.slack, 2)
    way = points[-1] - points[0]
    along = np.linspace(0, np.pi, len(points))[:, None]
    bowed: NDArray[np.float64] = points + np.sin(along) * np.array([-way[1], way[0]]) * rng.normal(0, hand.bend)
    return bowed


def _draw(rng: Rng, hand: Hand, canvas: NDArray[np.uint8], line: Points | NDArray[np.float64], side: int,
          lifted: bool = False) -> None:  # fmt: skip
    """Draw a stroke, or the thin trace between two."""
    fixed = np.rint(line * (1 << _SHIFT)).astype(np.int32)
    start = rng.uniform(1 - hand.pressure, 1)
    widths = np.linspace(start, rng.uniform(1 - hand.pressure, 1), max(2, len(fixed) - 1))
    if lifted:
        widths = widths * rng.uniform(0.3, 0.9)
    for place in range(len(fixed) - 1):
        width = max(1, round(hand.pen * side * float(widths[place])))
        first, second = fixed[place].tolist(), fixed[place + 1].tolist()
        cv2.line(canvas, first, second, 255, width, cv2.LINE_AA, _SHIFT)


def read_folder(folder: Path) -> Strokes:
    """Read a folder with one JSON file per character, as in the package."""
    characters, strokes = [], []
    for path in sorted(folder.glob("?.json")):
        medians = json.loads(path.read_text("utf-8"))["medians"]
        lines = [np.array(median, np.float32) for median in medians]
        characters.append(path.stem)
        strokes.append([_in_em_square(line) for line in lines])
    return Strokes(characters, strokes)


def _in_em_square(line: Points) -> Points:
    turned = np.stack([line[:, 0], _TOP - line[:, 1]], 1)
    return (turned / _UNITS).astype(np.float32)


def load(folder: Path, cache: Path, read: Callable[[Path], Strokes] = read_folder) -> Strokes:
    """Read the strokes from a cache file, which is made from the package's folder the first time."""
    if not cache.exists():
        found = read(folder)
        flat = [line for lines in found._strokes.values() for line in lines]
        partial = cache.with_suffix(".partial")
        with partial.open("wb") as file:
            np.savez_compressed(
                file,
                characters=np.array(list(found._strokes)),
                strokes=np.array([len(lines) for lines in found._strokes.values()]),
                points=np.array([len(line) for line in flat]),
                places=np.concatenate(flat) if flat else np.zeros((0, 2), np.float32),
            )
        partial.replace(cache)
    with np.load(cache) as kept:
        lines = np.split(kept["places"], np.cumsum(kept["points"])[:-1])
        ends = np.cumsum(kept["strokes"])
        starts = ends - kept["strokes"]
        return Strokes(kept["characters"].tolist(), [lines[a:b] for a, b in zip(starts, ends, strict=True)])
