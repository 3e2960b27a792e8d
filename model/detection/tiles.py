"""Tiles of a page's map of text probabilities, for pages that one run of the detector cannot process in enough detail.

Tiles overlap, and the map near a tile's edge is taken from its neighbour, so that no line ends at a seam.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

OVERLAP = 128
"""Pixels that neighbouring tiles share; half of it must be a multiple of the network's step."""
MOST_MAP_PIXELS = 28_000_000
"""Maximum size of the complete map, which is kept while tiles are processed: that of the largest page allowed by
default, 64 million pixels, at `CLOSE_SCALE`."""
TILE_SHARE = 0.64
"""Maximum pixels of a tile, as a share of those of a run on a whole page, since the map takes memory too."""
CLOSE_SCALE = 0.66
"""From this scale on, no readable text is missed."""


@dataclass(frozen=True, slots=True)
class Span:
    """A tile along one side of the map, in pixels: the network's input, and the part of the output that is used."""

    begin: int
    end: int
    first: int
    last: int

    @property
    def length(self) -> int:
        """The number of pixels of the network's input."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the map, for one run."""

    across: Span
    down: Span


def map_size(width: int, height: int, scale: float, multiple: int) -> tuple[int, int]:
    """Width and height of the map of a page at a scale, or at the largest one that a map may have."""
    scale = min(scale, math.sqrt(MOST_MAP_PIXELS / (width * height)))
    across, down = (max(1, round(side * scale / multiple)) * multiple for side in (width, height))
    return across, down


def tiles(width: int, height: int, most_pixels: int, multiple: int) -> list[Tile]:
    """The tiles of a map, row by row, none larger than `most_pixels`, with the fewest pixels in total."""
    grids = list(_grids(width, height, most_pixels, multiple))
    across, down = min(grids, key=lambda grid: _pixels(grid[0]) * _pixels(grid[1]))
    return [Tile(column, row) for row in down for column in across]


def _grids(width: int, height: int, most_pixels: int, multiple: int) -> Iterator[tuple[list[Span], list[Span]]]:
    for count in range(1, width // OVERLAP + 2):
        across = _spans(width, count, multiple)
        most = most_pixels // max(span.length for span in across)
        if most >= min(height, 2 * OVERLAP):
            for rows in range(max(1, height // most), height // multiple + 1):
                down = _spans(height, rows, multiple)
                if max(span.length for span in down) <= most:
                    yield across, down
                    break


def _spans(side: int, count: int, multiple: int) -> list[Span]:
    borders = [round(place * side / count / multiple) * multiple for place in range(count)] + [side]
    margin = OVERLAP // 2
    return [
        Span(max(0, first - margin), min(side, last + margin), first, last)
        for first, last in pairwise(borders)
        if last > first
    ]


def _pixels(spans: list[Span]) -> int:
    return sum(span.length for span in spans)
