"""Chinese licence plates: seven or eight glyphs stretched to fill fixed cells, then a small degraded crop.

Proportions from GA 36-2018: plate 440×140 mm, glyphs 45×90 mm, gaps 12 mm, a wider gap with a dot after the second.
"""

import cv2
import numpy as np

from edgeocr.model.training.data import augmentation
from edgeocr.model.training.data.augmentation import Image, Mask
from edgeocr.model.training.data.fonts import Face, open_face
from edgeocr.model.training.data.text import Rng
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS

_SCALE = 0.5  # pixels per millimetre of the master drawing
_DOT_GAP_MM = 34


def _glyph(character: str, face: Face, width: int, height: int, narrow: bool) -> Mask:
    """Draw one glyph and stretch its ink to a cell; a 1 stays narrow."""
    mask = open_face(face.path, face.index, 64).getmask(character, "L")
    cell = np.zeros((height, width), np.float32)
    ink = np.asarray(mask, np.float32).reshape(mask.size[1], mask.size[0]) / 255
    rows, columns = np.nonzero(ink > 0.3)
    if len(rows) == 0:
        return cell
    ink = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    inner = max(3, width // 3) if narrow else width
    left = (width - inner) // 2
    cell[:, left : left + inner] = cv2.resize(ink, (inner, height), interpolation=cv2.INTER_AREA)
    return cell


def _province(rng: Rng, glyph: Mask) -> Mask:
    """Draw the province smaller than its cell and sometimes with merged strokes, as on most plates."""
    height, width = glyph.shape
    size = (int(width * rng.uniform(0.75, 1.0)), int(height * rng.uniform(0.65, 1.0)))
    small = np.asarray(cv2.resize(glyph, size, interpolation=cv2.INTER_AREA), np.float32)
    if rng.random() < 0.5:
        small = np.asarray(cv2.GaussianBlur(cv2.dilate(small, np.ones((3, 3), np.uint8)), (0, 0), 1.5), np.float32)
    cell = np.zeros_like(glyph)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell


def _master(rng: Rng, text: str, face: Face, han: Face) -> Mask:
    """Draw a whole plate's ink: glyphs, border, bolts."""
    dotted = "·" in text
    glyphs = text.replace("·", "")
    mm = _SCALE * 2
    cell_width, cell_height = int(45 * mm * rng.uniform(0.85, 1.1)), int(90 * mm)
    gap, dot_gap = int(12 * mm), int(_DOT_GAP_MM * mm)
    if len(glyphs) == 8:
        cell_width = int(cell_width * 0.93)
        gap = int(9 * mm)
    width = len(glyphs) * cell_width + (len(glyphs) - 2) * gap + dot_gap + int(31 * mm)
    height = int(140 * mm)
    ink = np.zeros((height, width), np.float32)
    x, y = int(15.5 * mm), int(25 * mm)
    for position, character in enumerate(glyphs):
        glyph = _glyph(character, han if position == 0 else face, cell_width, cell_height, character == "1")
        if position == 0:
            glyph = _province(rng, glyph)
        ink[y : y + cell_height, x : x + cell_width] = np.maximum(ink[y : y + cell_height, x : x + cell_width], glyph)
        x += cell_width
        if position == 1:
            if dotted:
                cv2.circle(ink, (x + dot_gap // 2, y + cell_height // 2), int(5 * mm), 1.0, -1)
            x += dot_gap
        else:
            x += gap
    if rng.random() < 0.7:
        edge = int(rng.integers(3, 8))
        cv2.rectangle(ink, (edge, edge), (width - edge, height - edge), 1.0, int(rng.integers(1, 3)))
    for x_bolt in (width // 4, 3 * width // 4):
        if rng.random() < 0.5:
            cv2.circle(
                ink,
                (x_bolt, int(rng.choice([11, 129]) * mm)),
                int(rng.integers(3, 7)),
                float(rng.random()),
                -1,
            )
    if rng.random() < 0.4:
        ink = np.asarray(cv2.dilate(ink, np.ones((3, 3), np.uint8)), np.float32)
    elif rng.random() < 0.3:
        ink = np.asarray(cv2.erode(ink, np.ones((2, 2), np.uint8)), np.float32)
    return ink


def draw_plate(rng: Rng, text: str, face: Face, han: Face) -> Image:
    """Draw a plate as a traffic camera records it.

    Args:
        rng: seeded generator.
        text: province, letter, an optional dot, five or six letters and digits.
        face: face of letters and digits, preferably condensed.
        han: face of the province.

    Returns:
        48×W×3 uint8 BGR, W between 120 and 260.
    """
    ink = _master(rng, text, face, han)
    if rng.random() < 0.3:
        ink = ink * np.clip(0.4 + augmentation.field(rng, ink.shape[0], ink.shape[1], 3), 0, 1)  # dirt and wear
    paper, colour = augmentation.plate_colours(rng, len(text.replace("·", "")))
    image = augmentation.compose(rng, np.asarray(ink, np.float32), paper, colour, "page")
    height, width = image.shape[:2]
    margin = int(height * 0.5)
    back = rng.uniform(0, 200, 3)
    image = np.asarray(
        cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=tuple(back)),
        np.uint8,
    )
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + margin
    # The crop's corners, near the plate's own: skewed, with a rim of the car or without the plate's rim.
    slack = rng.uniform(-0.13, 0.12, (4, 2)) + rng.uniform(-0.05, 0.03)
    lean = rng.normal(0, 0.13)
    outward = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32)
    corners = corners + outward * (slack * height * [0.7, 1.0]).astype(np.float32)
    corners += np.array([[0, -1], [0, 1], [0, 1], [0, -1]], np.float32) * np.float32(lean * height)
    target = (
        int(HEIGHT_PIXELS * rng.uniform(2.6, 5.0)) if rng.random() < 0.5 else int(HEIGHT_PIXELS * rng.uniform(3.6, 4.2))
    )
    goal = np.array([[0, 0], [target, 0], [target, HEIGHT_PIXELS], [0, HEIGHT_PIXELS]], np.float32)
    image = np.asarray(
        cv2.warpPerspective(image, cv2.getPerspectiveTransform(corners.astype(np.float32), goal), (target, 48)),
        np.uint8,
    )
    if rng.random() < 0.2:  # motion blur
        kernel = np.zeros((1, int(rng.integers(2, 6))), np.float32)
        kernel[:] = 1 / kernel.size
        image = np.asarray(cv2.filter2D(image, -1, kernel if rng.random() < 0.6 else kernel.T), np.uint8)
    if rng.random() < 0.2:  # glare
        glare = augmentation.field(rng, image.shape[0], image.shape[1], 2)[..., None]
        image = np.clip(image + np.clip(glare - 0.4, 0, 1) * rng.uniform(60, 220), 0, 255).astype(np.uint8)
    small = rng.uniform(0.35, 0.7)
    reduced = cv2.resize(
        image, (max(8, int(target * small)), max(8, int(HEIGHT_PIXELS * small))), interpolation=cv2.INTER_AREA
    )
    reduced = augmentation.degrade(rng, np.asarray(reduced, np.uint8), float(rng.random() * 0.35), scanned=False)
    return np.asarray(cv2.resize(reduced, (target, HEIGHT_PIXELS), interpolation=cv2.INTER_LINEAR), np.uint8)
