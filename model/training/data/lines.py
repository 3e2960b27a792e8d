"""Renders training lines: a text in a face, with augmentation. Line *i* of a seed is always the same line.

Nothing is written to disk; for parallel rendering, each worker has its own range of indices.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image as PilImage
from PIL import ImageDraw

from edgeocr.characters import is_wide
from edgeocr.model.training.data import augmentation
from edgeocr.model.training.data.augmentation import Image, Mask
from edgeocr.model.training.data.fonts import Face, open_face
from edgeocr.model.training.data.kinds import dots, handwriting
from edgeocr.model.training.data.kinds.intruders import intrude
from edgeocr.model.training.data.kinds.plates import draw_plate
from edgeocr.model.training.data.kinds.strokes import Strokes
from edgeocr.model.training.data.text import Kind, Rng, Writer, pick
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS

MAX_WIDTH_PIXELS = 1280
_SIZES = (28, 36, 44, 56)
_SANS = re.compile("sanscjk|zenhei|heib|cwyen|droid")
_WRITTEN = re.compile("kalam|indie|shadows|gloria|permanent|comic|amatic|architects|patrick|caveat")
_FIRST_STYLE = 0.7
"""Share of the lines of strokes that are written in the first of two styles."""
_INTRUDED = {"page": 0.33, "receipt": 0.3, "note": 0.33, "photo": 0.45, "marker": 0.15, "scene": 0.1, "street": 0.15}
"""Share of the lines of each look with foreign ink at their ends."""


@dataclass(frozen=True)
class Line:
    """A rendered line.

    Attributes:
        image: 48×W×3 uint8, BGR, W at most 1280.
        text: its label.
        kind: name of the kind of text.
        face: file name of the face.
    """

    image: Image
    text: str
    kind: str
    face: str


def set_text(rng: Rng, text: str, face: Face, size: int) -> Mask:
    """Set a text in a face, sometimes letter-spaced, as Chinese print often is.

    Returns:
        H×W float32, ink at 1, with a margin of half a letter on every side.
    """
    font = open_face(face.path, face.index, size)
    spacing = 0.0
    if rng.random() < (0.5 if face.role == "han" else 0.1):
        spacing = rng.uniform(-0.06, 0.1) if rng.random() < 0.6 else rng.uniform(0, 0.5)
    ascent, descent = font.getmetrics()
    margin = size // 2
    steps = [font.getlength(c) + spacing * size for c in text] if spacing else [font.getlength(text)]
    width = int(sum(steps)) + 2 * margin + size // 2
    canvas = PilImage.new("L", (max(width, size), ascent + descent + 2 * margin), 0)
    draw = ImageDraw.Draw(canvas)
    if spacing:
        x = float(margin)
        for character, step in zip(text, steps, strict=True):
            draw.text((x, margin), character, fill=255, font=font)
            x += step
    else:
        draw.text((margin, margin), text, fill=255, font=font, stroke_width=int(rng.random() < 0.04))
    return np.asarray(canvas, np.float32) / np.float32(255)


def _ink_box(ink: Mask) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(ink.max(1) > 0.3), np.flatnonzero(ink.max(0) > 0.3)
    if len(rows) == 0:
        return None
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _crop(rng: Rng, ink: Mask, box: tuple[int, int, int, int], size: int, look: str) -> Mask:
    """Crop the line tightly or loosely, as detectors do, hardly ever into the ink."""
    top, bottom, left, right = box
    loose = rng.uniform(-0.02, 0.12) if rng.random() < 0.6 else rng.uniform(0, 0.45)
    if look == "page" and bottom - top < 0.6 * size:  # "一" and "-" keep their place in the line
        top, bottom = min(top, (top + bottom - size) // 2), max(bottom, (top + bottom + size) // 2)
    pad = (rng.uniform(0.3, 1.4, 4) * loose * size).astype(int)
    edges = np.array([top - pad[0], bottom + pad[1], left - pad[2], right + pad[3]])
    before, after = np.maximum(0, -edges[[0, 2]]), np.maximum(0, edges[[1, 3]] - np.array(ink.shape))
    padded = np.pad(ink, ((before[0], after[0]), (before[1], after[1])))
    return padded[edges[0] + before[0] : edges[1] + before[0], edges[2] + before[1] : edges[3] + before[1]]


class LineMaker:
    """Renders lines of a writer's texts in faces of a catalogue.

    Attributes:
        writer: draws the texts.
        kinds: the kinds of line that the faces can set.
    """

    def __init__(self, writer: Writer, faces: Sequence[Face], seed: int, strokes: Sequence[Strokes] = ()) -> None:
        self.writer = writer
        self._seed = seed
        self._strokes = strokes
        self._by_role: dict[str, list[Face]] = {}
        for face in faces:
            # Latin subsets of Chinese families are Latin faces.
            role = "text" if face.role in {"han", "hand"} and len(face.characters) < 3000 else face.role
            self._by_role.setdefault(role, []).append(face)
        # Without a face for Han, plates are the only Chinese text: they stretch any glyph.
        chinese = bool(self._by_role.get("han"))
        self._written = [face for face in faces if _WRITTEN.search(face.path.rsplit("/")[-1].lower())]
        lacking = set() if chinese else {"han", "hand"}
        lacking |= set() if strokes and self._written and chinese else {"strokes"}
        self.kinds = [k for k in writer.kinds if k.look == "plate" or set(k.roles) - lacking]
        shares = np.array([kind.share for kind in self.kinds])
        self._edges = np.cumsum(shares) / shares.sum()

    def line(self, index: int) -> Line:
        """Render line number *index*."""
        rng = np.random.default_rng((self._seed, index))
        kind = self.kinds[int(np.searchsorted(self._edges, rng.random()))]
        return self.line_of(rng, kind)

    def line_of(self, rng: Rng, kind: Kind) -> Line:
        """Render a line of a kind; draws again until a face has the text's characters and its ink is visible."""
        while True:
            if kind.look == "plate":
                text = kind.write(rng)
                face = pick(rng, self._by_role.get("plate") or self._by_role["text"])
                han = pick(rng, self._province_faces(text[0], upright=rng.random() < 0.8))
                return Line(draw_plate(rng, text, face, han), text, kind.name, face.path.rsplit("/")[-1])
            role = pick(rng, kind.roles)
            if role == "strokes":
                line = self._handwritten(rng, kind)
                if line is not None:
                    return line
                continue
            face = self.face(rng, role)
            limit = int(rng.integers(4, 14)) if rng.random() < 0.4 else 44 if face.role in {"han", "hand"} else 70
            text = self.text(rng, kind, role, face, limit)
            if not text:
                continue
            image = self._draw(rng, text, face, kind.look)
            if image is not None:
                return Line(image, text, kind.name, face.path.rsplit("/")[-1])

    def _province_faces(self, province: str, upright: bool) -> list[Face]:
        """Faces for a plate's province, mostly bold sans serif as on real plates."""
        faces = [face for face in self._by_role.get("han", self._by_role["text"]) if face.spells(province)]
        sans = [face for face in faces if _SANS.search(face.path.rsplit("/")[-1].lower())]
        return sans if upright and sans else faces or self._by_role["text"]

    def text(self, rng: Rng, kind: Kind, role: str, face: Face, limit: int) -> str:
        """Draw a text of a kind for a face of a role, at most *limit* characters; empty if the face lacks some."""
        text = " ".join(self.writer.spell(kind.write(rng), limit).split())
        if role == "hand":
            text = "".join(c for c in text if face.spells(c))
        return text if text.strip() and face.spells(text) else ""

    def face(self, rng: Rng, role: str) -> Face:
        """Draw a face of a role, or of one that can replace it; all families are equally likely."""
        faces = self._by_role.get(role) or self._by_role.get("han") or self._by_role["text"]
        families = sorted({face.path for face in faces})
        chosen = pick(rng, families)
        return pick(rng, [face for face in faces if face.path == chosen])

    def _handwritten(self, rng: Rng, kind: Kind) -> Line | None:
        """A line from strokes; None if nothing of its text can be written."""
        strokes = self._strokes[0 if rng.random() < _FIRST_STYLE else -1]
        faces = [pick(rng, self._written), self.face(rng, "hand"), self.face(rng, "han")]
        text = " ".join(self.writer.spell(kind.write(rng), int(rng.integers(2, 30))).split())
        known = strokes.characters.union(*(face.characters for face in faces))
        text = "".join(character for character in text if character in known or character == " ").strip()
        ink = handwriting.write_line(rng, text, strokes, faces) if text else np.zeros((1, 1), np.float32)
        box = _ink_box(ink)
        if box is None:
            return None
        ink = self._with_intruders(rng, _crop(rng, ink, box, 48, kind.look), kind.look)
        image = augmentation.compose(rng, ink, *handwriting.colours(rng), kind.look)
        image = handwriting.rule(rng, image, ink)
        if rng.random() < 0.85:
            image = augmentation.degrade(rng, image, float(rng.random()))
        return Line(
            fit(image, float(rng.uniform(0.85, 1.2)) if rng.random() < 0.3 else 1.0), text, kind.name, "strokes"
        )

    def _draw(self, rng: Rng, text: str, face: Face, look: str) -> Image | None:
        size = pick(rng, _SIZES)
        ink = set_text(rng, text, face, size)
        box = _ink_box(ink)
        if box is None:
            return None
        if look == "dots":
            return self._dotted(rng, text, ink[box[0] : box[1], box[2] : box[3]])
        outdoors = look in {"scene", "street", "marker", "arc"}
        crowded = look in {"page", "receipt", "photo"} and rng.random() < 0.2
        if crowded:
            ink = self._neighbour(rng, ink, face, size)
        if rng.random() < 0.06 and not outdoors:
            row = min(box[1] + int(rng.integers(0, max(2, size // 6))), ink.shape[0] - 2)
            ink = ink.copy()
            ink[row : row + int(rng.integers(1, 3)), box[2] : box[3]] = 1
        ink = _distorted(rng, augmentation.wear(rng, ink), look, len(text))
        # A neighbour's ink is not the line's: the box from before it came is near enough.
        ink = _crop(rng, ink, box if crowded else _ink_box(ink) or box, size, look)
        if ink.shape[0] < 6 or ink.shape[1] < 3:
            return None
        ink = self._with_intruders(rng, ink, look, face)
        coloured = "receipt" if look in {"photo", "marker"} and rng.random() < 0.6 else look
        paper_colour, ink_colour = augmentation.colours(rng, coloured)
        image = _worn(
            rng, augmentation.compose(rng, ink, paper_colour, ink_colour, "scene" if outdoors else look), look
        )
        narrowest = 0.8 if look == "page" else 0.6
        return fit(image, float(rng.uniform(narrowest, 1.25)) if rng.random() < 0.4 else 1.0)

    def _dotted(self, rng: Rng, text: str, ink: Mask) -> Image:
        """A panel's or needle printer's line, from ink without a margin."""
        dots_ink = dots.dotted(rng, ink, is_wide=any(map(is_wide, text)))
        margin = int(len(dots_ink) * rng.uniform(0.05, 0.3))
        image = augmentation.compose(rng, np.pad(dots_ink, margin), *dots.colours(rng), "photo")
        if rng.random() < 0.3:
            image = augmentation.bad_light(rng, image)
        return fit(augmentation.degrade(rng, image, float(rng.random()), scanned=False))

    def _with_intruders(self, rng: Rng, ink: Mask, look: str, face: Face | None = None) -> Mask:
        """Sometimes add foreign ink at the left or right."""
        if rng.random() >= _INTRUDED.get(look, 0.0):
            return ink
        face = face or self.face(rng, "hand")
        piece = set_text(rng, pick(rng, sorted(face.characters)), face, max(12, int(0.8 * len(ink))))
        box = _ink_box(piece)
        return intrude(rng, ink, piece[box[0] : box[1], box[2] : box[3]] if box else None)

    def _neighbour(self, rng: Rng, ink: Mask, face: Face, size: int) -> Mask:
        """Add a part of a line above or below to the crop."""
        other = "".join(pick(rng, sorted(face.characters)) for _ in range(ink.shape[1] // size + 1))
        print_of_other = set_text(rng, other, face, size)
        box = _ink_box(ink)
        other_box = _ink_box(print_of_other)
        if box is None or other_box is None:
            return ink
        ink = ink.copy()
        width = min(ink.shape[1], print_of_other.shape[1])
        gap = int(size * rng.uniform(0.08, 0.3))
        if rng.random() < 0.5:
            room = ink.shape[0] - (box[1] + gap)
            strip = print_of_other[other_box[0] : other_box[0] + max(0, room), :width]
            ink[box[1] + gap : box[1] + gap + len(strip), :width] = strip
        else:
            room = max(0, box[0] - gap)
            strip = print_of_other[max(0, other_box[1] - room) : other_box[1], :width]
            ink[room - len(strip) : room, :width] = strip
        return ink


def _distorted(rng: Rng, ink: Mask, look: str, characters: int) -> Mask:
    """Apply perspective, rotation and curvature, by look."""
    outdoors = look in {"scene", "street"}
    if look == "arc" and characters >= 3:
        return augmentation.arc(rng, ink)
    if outdoors and rng.random() < 0.65:
        ink = augmentation.warp(rng, ink, 0.22)
    elif rng.random() < 0.3:
        ink = augmentation.warp(rng, ink, 0.1 if look in {"marker", "photo"} else 0.06)
    if look in {"street", "marker"} and characters <= 14 and rng.random() < 0.25:
        ink = augmentation.turn(rng, ink, 12.0 if rng.random() < 0.7 else 35.0)
    return augmentation.bend(rng, ink) if rng.random() < (0.15 if outdoors else 0.05) else ink


def _worn(rng: Rng, image: Image, look: str) -> Image:
    """Degrade as cameras and compression do, by look."""
    if rng.random() < {"street": 0.85, "marker": 0.4, "photo": 0.2}.get(look, 0.0):
        return augmentation.bad_light(rng, image)
    hard = float(rng.random() ** 2 if look == "page" else rng.random())
    # Many documents are born digital and clean.
    return augmentation.degrade(rng, image, hard) if look != "page" or rng.random() < 0.55 else image


def fit(image: Image, stretch: float = 1.0) -> Image:
    """Scale an image to 48 pixels' height, its width in proportion times a stretch, at most 1280 pixels."""
    height, width = image.shape[:2]
    scaled = max(8, min(MAX_WIDTH_PIXELS, round(width * HEIGHT_PIXELS / height * stretch)))
    return np.asarray(cv2.resize(image, (scaled, HEIGHT_PIXELS), interpolation=cv2.INTER_LINEAR), np.uint8)
