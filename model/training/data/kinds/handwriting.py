"""Handwritten lines: characters drawn from strokes, ink, and ruled or plain paper."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw, ImageFont

from edgeocr.model.training.data.augmentation import Image, Mask, field
from edgeocr.model.training.data.fonts import Face, open_face
from edgeocr.model.training.data.kinds.strokes import Strokes, draw_hand
from edgeocr.model.training.data.text import Rng

_CELL_PIXELS = 56
_NARROW = 0.55
"""Pitch of a letter, digit or sign, as a share of a Han character's."""


def write_line(rng: Rng, text: str, strokes: Strokes, faces: Sequence[Face]) -> Mask:
    """Write a text; characters without strokes are set in the first face that has them, which should look handwritten.

    Returns:
        H×W float32, ink at 1, with a margin of about half a character on every side.
    """
    hand, size = draw_hand(rng), _CELL_PIXELS
    wander = np.cumsum(rng.normal(0, 0.25 * hand.wander, len(text) + 1)) * size
    slope = rng.normal(0, 0.012)
    ink = np.zeros((3 * size, (len(text) + 2) * 2 * size), np.float32)
    x = float(size)
    for place, character in enumerate(text):
        drop = float(np.clip(wander[place] + slope * (x - size), -0.4 * size, 0.4 * size))
        pitch = hand.pitch * size * float(np.clip(rng.normal(1, 1.2 * hand.wander), 0.7, 1.4))
        if character in strokes.characters:
            cell = strokes.write(rng, hand, character, size)
            _lay(ink, cell, x - size / 4, 0.75 * size + drop)
        elif character != " ":
            face = next(face for face in faces if face.spells(character))
            cell = _glyph(character, open_face(face.path, face.index, size), size, hand.slant)
            pitch *= _NARROW if character.isascii() else 0.75
            _lay(ink, cell, x - size / 4, 0.75 * size + drop)
        else:
            pitch *= 0.5
        x += pitch
    written = ink[:, : int(x) + size]
    return written * _fade(rng, *written.shape)


def _glyph(character: str, font: ImageFont.FreeTypeFont, size: int, slant: float) -> Mask:
    canvas = PilImage.new("L", (size * 3 // 2, size * 3 // 2), 0)
    ImageDraw.Draw(canvas).text((size // 4, size), character, fill=255, font=font, anchor="ls")
    shear = np.array([[1, -slant, slant * size], [0, 1, 0]], np.float32)
    sheared = cv2.warpAffine(np.asarray(canvas), shear, canvas.size)
    return (np.asarray(sheared) / 255).astype(np.float32)


def _lay(ink: Mask, cell: Mask, x: float, y: float) -> None:
    top, left = max(0, round(y)), max(0, round(x))
    part = ink[top : top + len(cell), left : left + cell.shape[1]]
    np.maximum(part, cell[: part.shape[0], : part.shape[1]], out=part)


def _fade(rng: Rng, height: int, width: int) -> Mask:
    """Fade ink as pens do: evenly, or in places; pencil is grainy."""
    kind = rng.random()
    if kind < 0.5:
        return np.full((height, width), rng.uniform(0.75, 1), np.float32)
    if kind < 0.8:
        return np.asarray(np.clip(0.55 + field(rng, height, width, 4), 0, 1), np.float32)
    grain = rng.random((height, width), np.float32)
    return np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.7) * np.float32(1.2), np.float32).clip(0, 1)


def colours(rng: Rng) -> tuple[Mask, Mask]:
    """Colours of notes' paper and ink, BGR: white to grey paper in bad light; black, blue and red pens, and pencil."""
    paper = np.float32(rng.uniform(120, 255)) * rng.uniform(0.88, 1, 3)
    pen = rng.random()
    if pen < 0.55:
        ink = rng.uniform(5, 90) * rng.uniform(0.8, 1.2, 3)
    elif pen < 0.75:
        ink = rng.uniform([90, 30, 10], [200, 110, 80])
    elif pen < 0.88:
        ink = rng.uniform([40, 20, 140], [120, 90, 230])
    else:
        ink = paper * rng.uniform(0.4, 0.7)
    light = float(paper.mean()) / 255
    return np.clip(paper, 0, 255).astype(np.float32), np.clip(ink * light, 0, 255).astype(np.float32)


def rule(rng: Rng, image: Image, ink: Mask) -> Image:
    """Print ruled paper below the ink: lines, squares, dots, or writing that shows through from the back."""
    kind = rng.random()
    if kind < 0.4:
        return image
    height, width = ink.shape
    lines = np.zeros((height, width), np.float32)
    thickness = int(rng.integers(1, 3))
    if kind < 0.75:
        for _ in range(1 if rng.random() < 0.7 else 2):
            left, tilt = int(rng.uniform(0.02, 1) * height), int(rng.normal(0, 0.03 * height))
            cv2.line(lines, (0, left), (width, left + tilt), 1.0, thickness, cv2.LINE_AA)
        if rng.random() < 0.3:
            lines *= (np.arange(width) // max(2, height // 16)) % 2
    elif kind < 0.92:
        pitch, start = height * rng.uniform(0.85, 1.25), rng.uniform(0, 1) * height
        for place in range(int(width / pitch) + 1):
            x = int(start + place * pitch)
            cv2.line(lines, (x, 0), (x + int(rng.normal(0, 1)), height), 1.0, thickness, cv2.LINE_AA)
        for y in (0.04, 0.96):
            cv2.line(lines, (0, int(y * height)), (width, int(y * height)), 1.0, thickness, cv2.LINE_AA)
    else:
        lines = np.roll(ink[:, ::-1], int(rng.integers(-9, 10)), 0) * np.float32(0.4)
    strength = rng.uniform(0.15, 0.7) * lines * (1 - ink)
    colour = rng.uniform(0, 1, 3) * rng.uniform(0.2, 0.9) * image.mean()
    printed = image * (1 - strength[..., None]) + colour * strength[..., None]
    return np.asarray(np.clip(printed, 0, 255), np.uint8)
