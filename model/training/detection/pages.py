"""Renders calibration pages: print, receipts, slides and scenes, with the outlines of their lines.

Page *i* of a seed is always the same page. All pages are synthetic; real ones are for evaluation.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edgeocr.model.training.data import augmentation
from edgeocr.model.training.data.augmentation import Image, Mask
from edgeocr.model.training.data.lines import LineMaker, set_text
from edgeocr.model.training.data.text import Kind, Rng, pick
from edgeocr.model.training.detection.recall import Outline

_MARGIN_PIXELS = 24


@dataclass(frozen=True)
class Page:
    """A rendered page, H×W×3 BGR, with the outlines of its lines in pixels."""

    image: Image
    outlines: tuple[Outline, ...]


class _Sheet:
    """A page in the making: ink over a background, and the outlines of its lines."""

    def __init__(self, background: Image) -> None:
        self.pixels = background.astype(np.float32)
        self.outlines: list[Outline] = []

    def put(self, ink: Mask, x: int, y: int, colour: Mask) -> bool:
        """Put a line's ink with its top left corner at a point, unless it would leave the page."""
        height, width = ink.shape
        rows, columns = np.flatnonzero(ink.max(1) > 0.3), np.flatnonzero(ink.max(0) > 0.3)
        inside = min(x, y) >= 0 and x + width <= self.pixels.shape[1] and y + height <= self.pixels.shape[0]
        if not inside or not len(rows):
            return False
        patch = self.pixels[y : y + height, x : x + width]
        patch += (colour - patch) * ink[..., np.newaxis]
        left, top, right, bottom = columns[0] + x, rows[0] + y, columns[-1] + 1 + x, rows[-1] + 1 + y
        self.outlines.append(np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32))
        return True


class PageMaker:
    """Renders pages with the texts and faces of training lines."""

    def __init__(self, lines: LineMaker, seed: int) -> None:
        self._lines = lines
        self._seed = seed
        self._kinds = {kind.name: kind for kind in lines.kinds}
        self._layouts: tuple[Callable[[Rng], _Sheet], ...] = (
            self._document, self._document, self._receipt, self._receipt, self._slide, self._scene,
        )  # fmt: skip

    def page(self, index: int, longest_side: int = 960) -> Page:
        """Render page number *index*, its longest side about that many pixels; the layouts repeat every six pages."""
        rng = np.random.default_rng((self._seed, index))
        sheet = self._layouts[index % len(self._layouts)](rng)
        image = np.clip(sheet.pixels, 0, 255).astype(np.uint8)
        image, outlines = _photographed(rng, image, sheet.outlines, hard=index % len(self._layouts) == 5)
        height, width = image.shape[:2]
        scale = longest_side / max(height, width)
        size = max(32, round(width * scale / 32) * 32), max(32, round(height * scale / 32) * 32)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 0.5 else 1), np.uint8)
        factors = np.array(size, np.float32) / (width, height)
        return Page(image, tuple(np.asarray(outline * factors, np.float32) for outline in outlines))

    def _ink(self, rng: Rng, kind: Kind, size: int, limit: int) -> Mask:
        text = ""
        while not text:
            role = pick(rng, kind.roles)
            face = self._lines.face(rng, role)
            text = self._lines.text(rng, kind, role, face, limit)
        return set_text(rng, text, face, size)

    def _kind(self, rng: Rng, *names: str) -> Kind:
        """One of the kinds that can be set; without a face for Han, Latin ones."""
        return self._kinds[pick(rng, [name for name in names if name in self._kinds])]

    def _document(self, rng: Rng) -> _Sheet:
        """Columns of paragraphs under headings, dense or sparse, sometimes with a rule or a picture."""
        width, height = int(rng.integers(700, 1500)), int(rng.integers(900, 1900))
        paper, colour = augmentation.colours(rng, "page")
        sheet = _Sheet(_plain(rng, height, width, paper))
        columns, sparse = int(rng.integers(1, 4)), rng.random() < 0.25
        column_width = (width - 2 * _MARGIN_PIXELS) // columns
        body = int(rng.integers(12, 30))
        for column in range(columns):
            x, y = _MARGIN_PIXELS + column * column_width, int(rng.integers(10, 120))
            kind = self._kind(rng, "simplified", "traditional", "english", "english", "format")
            while y < height - 3 * body:
                size = body if rng.random() < 0.92 else int(body * rng.uniform(1.3, 2.5))
                ink = self._ink(rng, kind, size, 200)[:, : column_width - 10]
                sheet.put(ink, x, y, colour)
                y += int(size * rng.uniform(1.25, 1.5)) + (int(size * rng.uniform(1, 9)) if rng.random() < 0.12 else 0)
                if sparse:
                    y += int(rng.integers(0, 8 * size))
        if rng.random() < 0.4:
            _rules(rng, sheet.pixels, colour)
        return sheet

    def _receipt(self, rng: Rng) -> _Sheet:
        """A receipt: centred titles, items with prices on the right."""
        width, height = int(rng.integers(380, 800)), int(rng.integers(700, 1900))
        paper, colour = augmentation.colours(rng, "receipt")
        sheet = _Sheet(_plain(rng, height, width, paper))
        size, y = int(rng.integers(13, 30)), int(rng.integers(10, 80))
        kind = self._kind(rng, "receipt", "receipt", "format", "simplified")
        while y < height - 2 * size:
            ink = augmentation.wear(rng, self._ink(rng, kind, size, 32))[:, : width - 2 * _MARGIN_PIXELS]
            middle = y < height // 5 and rng.random() < 0.8
            sheet.put(ink, (width - ink.shape[1]) // 2 if middle else 5, y, colour)
            if rng.random() < 0.45 and not middle:
                price = self._ink(rng, self._kinds["format"], size, 8)
                if price.shape[1] + ink.shape[1] < width - 10:
                    sheet.put(price, width - price.shape[1] - 5, y, colour)
            y += int(size * rng.uniform(1.2, 2.2))
        return sheet

    def _slide(self, rng: Rng) -> _Sheet:
        """Coloured panels, some dark, with text of any size, as on slides and screens."""
        width, height = int(rng.integers(800, 1600)), int(rng.integers(500, 1100))
        sheet = _Sheet(_plain(rng, height, width, np.asarray(rng.uniform(0, 256, 3), np.float32)))
        for _ in range(int(rng.integers(2, 9))):
            paper, colour = augmentation.colours(rng, "scene")
            x, y = int(rng.integers(0, width - 200)), int(rng.integers(0, height - 100))
            right, bottom = int(rng.integers(x + 150, width + 1)), int(rng.integers(y + 60, height + 1))
            sheet.outlines = [box for box in sheet.outlines if not _touches(box, x, y, right, bottom)]
            sheet.pixels[y:bottom, x:right] = paper
            size, kind = int(rng.integers(12, 70)), self._kind(rng, "simplified", "english", "scene", "format", "shop")
            top = y
            while top < bottom - 2 * size:
                ink = self._ink(rng, kind, size, 60)[:, : right - x]
                sheet.put(ink[: bottom - top], x, top, colour)
                top += int(size * rng.uniform(1.3, 2.5))
        return sheet

    def _scene(self, rng: Rng) -> _Sheet:
        """A few words over a background other than paper; sometimes none."""
        width, height = int(rng.integers(500, 1300)), int(rng.integers(500, 1300))
        sheet = _Sheet(_clutter(rng, height, width))
        for _ in range(int(rng.integers(0, 9))):
            _, colour = augmentation.colours(rng, "scene")
            ink = self._ink(rng, self._kind(rng, "scene", "shop"), int(rng.integers(16, 110)), 14)
            ink = augmentation.warp(rng, ink, 0.12)
            x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
            if not any(_touches(box, x, y, x + ink.shape[1], y + ink.shape[0]) for box in sheet.outlines):
                sheet.put(ink, x, y, colour)
        return sheet


def _touches(box: Outline, left: int, top: int, right: int, bottom: int) -> bool:
    return bool(box[0, 0] < right and box[2, 0] > left and box[0, 1] < bottom and box[2, 1] > top)


def _plain(rng: Rng, height: int, width: int, paper: Mask) -> Image:
    return augmentation.compose(rng, np.zeros((height, width), np.float32), paper, paper, "page")


def _rules(rng: Rng, pixels: Mask, colour: Mask) -> None:
    """Draw a grid or a few rules, as tables and forms have them."""
    height, width = pixels.shape[:2]
    for y in rng.integers(0, height, int(rng.integers(1, 12))):
        pixels[y : y + int(rng.integers(1, 3)), : int(rng.integers(width // 2, width + 1))] = colour
    for x in rng.integers(0, width, int(rng.integers(0, 6))):
        pixels[: int(rng.integers(height // 2, height + 1)), x : x + int(rng.integers(1, 3))] = colour


def _clutter(rng: Rng, height: int, width: int) -> Image:
    """Draw light, texture, edges and shapes at every scale."""
    layers = [augmentation.field(rng, height, width, cells)[..., np.newaxis] for cells in (2, 7, 30, 110)]
    tints = rng.uniform(-1, 1, (len(layers), 3)) * np.array([[150], [90], [50], [25]])
    pixels = rng.uniform(40, 215, 3) + sum((layer - 0.5) * tint for layer, tint in zip(layers, tints, strict=True))
    image: Image = np.clip(pixels, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 40))):
        first, second = rng.integers(0, (width, height), (2, 2)).tolist()
        colour, thick = rng.uniform(0, 256, 3).tolist(), int(rng.integers(1, 12))
        if rng.random() < 0.5:
            cv2.line(image, first, second, colour, thick)
        else:
            cv2.ellipse(image, first, rng.integers(2, 140, 2).tolist(), 30.0, 0, 360, colour, pick(rng, (-1, thick)))
    return image


def _photographed(rng: Rng, image: Image, outlines: list[Outline], hard: bool) -> tuple[Image, list[Outline]]:
    """Rotate the page a little, light it unevenly, and degrade it as cameras and compression do."""
    height, width = image.shape[:2]
    if rng.random() < 0.5:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), rng.normal(0, 3), 0.96), [[0, 0, 1]]])
        moved = cv2.perspectiveTransform(corners[np.newaxis], turn)[0]
        moved += rng.normal(0, 0.008 * width, (4, 2))
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        border = rng.uniform(0, 256, 3).tolist()
        image = np.asarray(cv2.warpPerspective(image, matrix, (width, height), borderValue=border), np.uint8)
        outlines = [cv2.perspectiveTransform(outline[np.newaxis], matrix)[0] for outline in outlines]
    if rng.random() < 0.3:
        shade = 1 - augmentation.field(rng, height, width, 2)[..., np.newaxis] * rng.uniform(0.1, 0.6)
        image = np.clip(image * shade, 0, 255).astype(np.uint8)
    before = image.shape[:2]
    if rng.random() < 0.6:
        image = augmentation.degrade(rng, image, 0.6 if hard else 0.15)
    factors = np.array(image.shape[1::-1], np.float32) / before[::-1]
    return image, [np.asarray(outline * factors, np.float32) for outline in outlines]
