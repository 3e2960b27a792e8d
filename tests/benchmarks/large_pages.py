"""What a page costs by its megapixels, the lines on it being the same, and by its lines, the paper being the same.

    python -m tests.benchmarks.large_pages [--picture FILE.png]

Processor seconds of one reader in this process: finding lines, and reading them. Text is 24 pixels high, so that most
of these pages need a closer look; the share of lines that are read right is told with it.
"""

import argparse
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from tests.support.rendering import Pixels, page

_SIZE, _PITCH, _WIDE = 24, 44, 520
_MEGAPIXELS = 2, 4, 8, 16, 32, 50
_LINES = 0, 50, 100, 200, 400, 600
_FIXED_LINES, _FIXED_MEGAPIXELS = 50, 16
_PORTRAIT = math.sqrt(2)


@dataclass(frozen=True)
class Cost:
    """Of one page: processor seconds, and the share of its lines that was read right."""

    finding: float
    reading: float
    right: float


def sheet(megapixels: float, count: int) -> tuple[Pixels, list[str]]:
    """A page with so many lines in columns, from the left."""
    width = round(math.sqrt(megapixels * 1e6 / _PORTRAIT))
    height = round(width * _PORTRAIT)
    rows = (height - 2 * _PITCH) // _PITCH
    texts = [f"Line {number} of a large sheet, 2026" for number in range(count)]
    corners = [(_PITCH + _WIDE * (number // rows), _PITCH + _PITCH * (number % rows)) for number in range(count)]
    return page(list(zip(texts, corners, strict=True)), width, height, _SIZE), texts


def cost(reader: Reader, pixels: Pixels, texts: Sequence[str]) -> Cost:
    """What reading it takes, the second time."""
    height, width = pixels.shape[:2]
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, width, height)
    for _ in range(2):
        trace = Trace()
        picture = reader.decode(source, 1, trace)
        begun = time.process_time()
        detected = reader.find(picture, Mode.PAGE, trace)
        found = time.process_time()
        lines = list(reader.lines(detected, trace))
        done = time.process_time()
    read = {line.line.text.replace(" ", "") for line in lines}
    right = sum(text.replace(" ", "") in read for text in texts) / max(1, len(texts))
    return Cost(found - begun, done - found, right)


def measured(reader: Reader, sizes: Sequence[tuple[float, int]]) -> Iterator[tuple[float, int, Cost]]:
    """Of pages of so many megapixels with so many lines, printing each."""
    print("\n| megapixels | lines | finding, s | reading, s | right, % |\n| --- | --- | --- | --- | --- |")
    for megapixels, count in sizes:
        pixels, texts = sheet(megapixels, count)
        took = cost(reader, pixels, texts)
        print(
            f"| {megapixels:g} | {count} | {took.finding:.2f} | {took.reading:.2f} | {100 * took.right:.1f} |",
            flush=True,
        )
        yield megapixels, count, took


def draw(by_paper: Sequence[tuple[float, int, Cost]], by_lines: Sequence[tuple[float, int, Cost]], path: Path) -> None:
    """Both as a plot."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for axes, rows, place, label in (
        (left, by_paper, 0, f"megapixels, with {_FIXED_LINES} lines"),
        (right, by_lines, 1, f"lines, on {_FIXED_MEGAPIXELS} megapixels"),
    ):
        axes.plot([row[place] for row in rows], [row[2].finding for row in rows], marker="o", label="finding lines")
        axes.plot([row[place] for row in rows], [row[2].reading for row in rows], marker="o", label="reading them")
        axes.set(xlabel=label, ylabel="processor seconds", ylim=(0, None))
        axes.legend()
    figure.savefig(path, dpi=130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    reader = Reader(Models.load(DEFAULT_FOLDER))
    by_paper = list(measured(reader, [(megapixels, _FIXED_LINES) for megapixels in _MEGAPIXELS]))
    by_lines = list(measured(reader, [(_FIXED_MEGAPIXELS, count) for count in _LINES]))
    if arguments.picture is not None:
        draw(by_paper, by_lines, arguments.picture)


if __name__ == "__main__":
    main()
