"""Pages set from paragraphs, so that it is known which rows belong together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgeocr.characters import is_wide
from tests.support.rendering import font

_HYPHEN = "~"
"""Where a word may be divided."""
_NOT_FIRST = "，。、；：？！）》」』”’%"
_NOT_LAST = "（《「『“‘"
_LEADING = 1.45


@dataclass(frozen=True)
class Unit:
    """A paragraph, a heading, an item, or a row that stands alone: what is one text.

    Attributes:
        source: with marks where words may be divided.
        size: of its letters, in pixels.
        first: how much further to the right its first row begins.
        left: how much further to the right all rows begin.
        gap: above it, in pixels.
        centred: whether its rows are.
        justified: whether its rows but the last fill the column.
        right: a text at the end of its row, as prices are.
    """

    source: str
    size: int = 24
    first: int = 0
    left: int = 0
    gap: int = 0
    centred: bool = False
    justified: bool = False
    right: str = ""

    @property
    def text(self) -> str:
        """What it is to be read as."""
        return " ".join(filter(None, (self.source.replace(_HYPHEN, ""), self.right)))


@dataclass(frozen=True)
class Sample:
    """A page: columns of units, each with the left edge, top and width of its column."""

    columns: tuple[tuple[tuple[int, int, int], tuple[Unit, ...]], ...]
    width: int = 1000
    height: int = 1300

    @property
    def units(self) -> list[Unit]:
        """In reading order."""
        return [unit for _, units in self.columns for unit in units]


def drawn_text(sample: Sample) -> NDArray[np.uint8]:
    """The page, H×W×3 BGR."""
    picture = Image.new("RGB", (sample.width, sample.height), "white")
    draw = ImageDraw.Draw(picture)
    for (left, top, width), units in sample.columns:
        y = float(top)
        for unit in units:
            y += unit.gap
            rows = list(_rows(unit, width))
            for place, row in enumerate(rows):
                x = left + unit.left + (unit.first if place == 0 else 0)
                room = left + width - x
                face = font(unit.size)
                if unit.centred:
                    x = left + round((width - face.getlength(row)) / 2)
                if unit.justified and place + 1 < len(rows):
                    _draw_justified(draw, row, (x, y), room, unit.size)
                else:
                    draw.text((x, y), row, "black", face)
                if unit.right:
                    draw.text((left + width - face.getlength(unit.right), y), unit.right, "black", face)
                y += _LEADING * unit.size
    assert y < sample.height, "the page is long enough"
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def _rows(unit: Unit, width: int) -> Iterator[str]:
    face, row = font(unit.size), ""
    room = width - unit.left - unit.first
    for piece in _pieces(unit.source):
        whole = row + piece
        if (
            row
            and face.getlength(whole.rstrip().removesuffix(_HYPHEN) + ("-" if piece.endswith(_HYPHEN) else "")) > room
        ):
            yield row.removesuffix(_HYPHEN) + "-" if row.endswith(_HYPHEN) else row.rstrip()
            row, room = piece, width - unit.left
        else:
            row = row.removesuffix(_HYPHEN) + piece
    if row:
        yield row.rstrip()


def _pieces(source: str) -> Iterator[str]:
    """What is not divided: words with the space behind them, parts of words, characters of Han."""
    piece = ""
    for place, character in enumerate(source):
        piece += character
        following = source[place + 1 : place + 2]
        may_end = character in (" ", _HYPHEN) or (character == "-" and following.isalpha())
        meets_wide = following and (is_wide(character) or is_wide(following)) and character not in _NOT_LAST
        if may_end or (meets_wide and following not in _NOT_FIRST and following != " "):
            yield piece
            piece = ""
    if piece:
        yield piece


def _draw_justified(draw: ImageDraw.ImageDraw, row: str, corner: tuple[float, float], room: int, size: int) -> None:
    x, y = corner
    face = font(size)
    parts = row.split(" ") if " " in row else list(row)
    gap = (room - sum(face.getlength(part) for part in parts)) / max(1, len(parts) - 1)
    for part in parts:
        draw.text((x, y), part, "black", face)
        x += face.getlength(part) + gap
