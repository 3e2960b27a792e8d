"""Images for tests, rendered here: nothing in the tests comes from anybody's documents."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from cvttf_NotoSansCJK_Regular import get_TTF_path
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

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
