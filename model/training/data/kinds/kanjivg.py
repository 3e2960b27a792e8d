"""A second style of handwriting: strokes of PyPI's `kanjivg` (CC BY-SA 3.0), letters, digits and kana among them."""

import re
from pathlib import Path

import numpy as np
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path

from edgeocr.model.training.data.kinds.strokes import Points, Strokes

_SIDE = 109.0
"""Side of the square that a character is drawn in."""
_STEPS = 8
"""Points per Bézier curve."""
_PATH = re.compile(r'<path [^>]*\bd="([^"]+)"')
_NAME = re.compile(r"[0-9a-f]{5}\.svg")


def read_folder(folder: Path) -> Strokes:
    """Read a folder with one SVG file per character, named by its code point; variants are left out."""
    paths = [path for path in sorted(folder.glob("*.svg")) if _NAME.fullmatch(path.name)]
    drawn = {chr(int(path.stem, 16)): _PATH.findall(path.read_text("utf-8")) for path in paths}
    return Strokes(list(drawn), [[_points(stroke) for stroke in strokes] for strokes in drawn.values()])


def _points(stroke: str) -> Points:
    """A stroke's path as points in the em square."""
    pen = RecordingPen()
    parse_path(stroke, pen)
    points: list[tuple[float, float]] = []
    for kind, ends in pen.value:
        if kind == "curveTo":
            start, first, second, end = np.array([points[-1], *ends])
            for t in np.linspace(0, 1, _STEPS + 1)[1:]:
                parts = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
                x, y = sum(part * at for part, at in zip(parts, (start, first, second, end), strict=True))
                points.append((x, y))
        elif ends:
            points += ends
    return np.array(points, np.float32) / np.float32(_SIDE)
