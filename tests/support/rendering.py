"""Images for tests, rendered here: nothing in the tests comes from anybody's documents."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import cv2
import numpy as np
from cvttf_NotoSansCJK_Regular import get_TTF_path
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]


@lru_cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Noto Sans CJK, which has every character that the tests use."""
    return ImageFont.truetype(get_TTF_path(), size)


def line(text: str, size: int = 28, margin: int = 6) -> Pixels:
    """One line, black on white, H×W×3 BGR."""
    left, top, right, bottom = font(size).getbbox(text)
    picture = Image.new("RGB", (int(right - left) + 2 * margin, int(bottom - top) + 2 * margin), "white")
    ImageDraw.Draw(picture).text((margin - left, margin - top), text, "black", font(size))
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def page(lines: Sequence[tuple[str, tuple[int, int]]], width: int = 800, height: int = 600, size: int = 28) -> Pixels:
    """A white page with texts at given left top corners, H×W×3 BGR."""
    picture = Image.new("RGB", (width, height), "white")
    for text, corner in lines:
        ImageDraw.Draw(picture).text(corner, text, "black", font(size))
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def table(
    xs: Sequence[int],
    ys: Sequence[int],
    texts: Mapping[tuple[int, int], str],
    spans: Mapping[tuple[int, int], tuple[int, int]] | None = None,
    on: Pixels | None = None,
    size: int = 24,
) -> Pixels:
    """A ruled table: where borders are, and by (row, column) texts and spans, as (rows, columns)."""
    picture = Image.fromarray(page([]) if on is None else on)
    draw = ImageDraw.Draw(picture)
    covered = {
        (row + down, column + across): (row, column)
        for (row, column), (rows, columns) in (spans or {}).items()
        for down in range(rows)
        for across in range(columns)
    }

    def cell(row: int, column: int) -> tuple[int, int]:
        return covered.get((row, column), (row, column))

    for row in range(len(ys)):
        for column in range(len(xs) - 1):
            if row in (0, len(ys) - 1) or cell(row, column) != cell(row - 1, column):
                draw.line((xs[column], ys[row], xs[column + 1], ys[row]), "black", 2)
    for column in range(len(xs)):
        for row in range(len(ys) - 1):
            if column in (0, len(xs) - 1) or cell(row, column) != cell(row, column - 1):
                draw.line((xs[column], ys[row], xs[column], ys[row + 1]), "black", 2)
    for (row, column), text in texts.items():
        draw.text((xs[column] + 12, ys[row] + 8), text, "black", font(size))
    return np.asarray(picture, np.uint8).copy()


def boxed(
    texts: Sequence[str], size: int = 20, padding: int = 16, across: int = 5, colour: str = "#1e3c8c"
) -> tuple[Pixels, list[tuple[float, float]]]:
    """A white page with light texts in dark boxes of their own, as buttons are, H×W×3 BGR, and the boxes' middles."""
    step = 2 * size + 2 * padding + 20
    picture = Image.new("RGB", (200 * across, 60 + -(-len(texts) // across) * step), "white")
    middles = []
    for place, text in enumerate(texts):
        x, y = 40 + 184 * (place % across), 30 + step * (place // across)
        left, top, right, bottom = font(size).getbbox(text)
        box = (x, y, x + right - left + 2 * padding, y + bottom - top + 2 * padding)
        ImageDraw.Draw(picture).rectangle(box, colour)
        ImageDraw.Draw(picture).text((x + padding - left, y + padding - top), text, "white", font(size))
        middles.append(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2))
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy(), middles


def columns(
    texts: Sequence[tuple[str, tuple[int, int]]], width: int = 800, height: int = 600, size: int = 28
) -> Pixels:
    """A white page with texts that run downwards from given left top corners, H×W×3 BGR."""
    step = round(size * 1.1)
    return page(
        [(character, (x, y + step * place)) for text, (x, y) in texts for place, character in enumerate(text)],
        *(width, height, size),
    )


def encoded(pixels: Pixels, suffix: str = ".png") -> bytes:
    """The image as a file's bytes."""
    done, data = cv2.imencode(suffix, pixels)
    assert done
    return data.tobytes()


def with_seal(
    page: Pixels, box: tuple[int, int, int, int], name: str, colour: str = "#d2232d", shape: str = "ellipse"
) -> Pixels:
    """The page with a seal stamped over it: a rim in a box of left, top, right and bottom, or a frame, and its name.

    Ink and what is below it darken each other.
    """
    ink = Image.new("RGB", (page.shape[1], page.shape[0]), "white")
    draw = ImageDraw.Draw(ink)
    (draw.ellipse if shape == "ellipse" else draw.rectangle)(box, outline=colour, width=5)
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    across, down, size = (box[2] - box[0]) / 2, (box[3] - box[1]) / 2, (box[3] - box[1]) // 8
    for place, character in enumerate(name):
        if shape == "ellipse":
            angle = np.radians(-200 + 220 * place / (len(name) - 1))
            corner = x + 0.75 * across * np.cos(angle), y + 0.75 * down * np.sin(angle)
            draw.text(corner, character, colour, font(size), anchor="mm")
        else:
            corner = x + across * (0.45 - 0.9 * (place // 2)), y + down * (0.9 * (place % 2) - 0.45)
            draw.text(corner, character, colour, font(round(0.8 * down)), anchor="mm")
    stamped = ImageChops.multiply(Image.fromarray(page[:, :, ::-1]), ink)
    return np.asarray(stamped, np.uint8)[:, :, ::-1].copy()
