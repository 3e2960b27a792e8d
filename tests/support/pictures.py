"""Pages of six kinds, rendered here and read, with what was found drawn over them and beside: what docs/pages.md shows.

    python -m tests.support.pictures FOLDER

On the left, polygons in a colour for each paragraph, numbers in reading order, and the cells of tables; on the right,
the text that was read, where it stands.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from edgeocr.model.geometry.polygons import line_size
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.pixels import Picture
from edgeocr.model.results import Line, Page
from edgeocr.model.timing import Trace
from tests.support.rendering import Pixels, font, page, table
from tests.support.samples import RECEIPT

_COLOURS = ("#c02f2f", "#1f6fb2", "#2c8a3d", "#8a3fb0", "#b26a00", "#00808a")
_TABLE_COLOUR = "#e0a000"
_SHOWN_WIDTH = 640
_QUALITY = 80

_STORY = (
    "The harbour wall was raised by two metres in the spring of that year, and the ferries, which had "
    "come in twice a day since anybody could remember, were moved to the northern pier. Nobody had "
    "asked the fishermen. They learned of it from a notice on the door of the ice house, in letters so "
    "small that most of them took it for an advertisement and walked past. When the first storm came, "
    "in November, the water stood as high as the sills of the lower street, but it went no further, "
    "and what had been said against the wall was not said again."
)
_LETTER = [
    ("关于召开年度工作会议的通知", (230, 60)),
    ("各部门负责人：", (80, 150)),
    ("为总结今年的工作，安排明年的计划，公司决定", (136, 210)),
    ("于十二月二十日上午九点在三楼大会议室召开年度", (80, 260)),
    ("工作会议。请各位准时参加。", (80, 310)),
    ("会议材料请于十二月十五日之前发送至办公室，", (136, 380)),
    ("联系电话：010-6275 1234。", (80, 430)),
    ("办公室", (620, 520)),
    ("2026年12月1日", (570, 570)),
]


def _wrapped(text: str, width: int, size: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font(size).getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _texts(texts: Sequence[tuple[str, tuple[int, int], int]], width: int, height: int) -> Pixels:
    picture = Image.new("RGB", (width, height), "white")
    for text, corner, size in texts:
        ImageDraw.Draw(picture).text(corner, text, "black", font(size))
    return np.asarray(picture, np.uint8)[:, :, ::-1].copy()


def article() -> Pixels:
    """A heading over two columns, and a footing."""
    texts = [("Two metres of concrete", (60, 50), 44), ("How a town on the coast changed its mind", (60, 120), 24)]
    lines = _wrapped(_STORY, 370, 20)
    half = (len(lines) + 1) // 2
    for place, line in enumerate(lines):
        texts.append((line, (60 + 420 * (place // half), 200 + 32 * (place % half)), 20))
    return _texts([*texts, ("14", (440, 660), 20)], 900, 700)


def invoice_table() -> Pixels:
    """A ruled table with spans and an empty cell, between lines of text."""
    text = page([("Deliveries in the first quarter", (60, 40)), ("All amounts in euro, net of tax.", (60, 500))])
    cells = {
        (0, 0): "Article",
        (0, 1): "Pieces",
        (0, 3): "Amount",
        (1, 1): "ordered",
        (1, 2): "sent",
        (2, 0): "Notebook A5",
        (2, 1): "400",
        (2, 2): "380",
        (2, 3): "1,330.00",
        (3, 0): "Fountain pen",
        (3, 1): "25",
        (3, 3): "472.50",
        (4, 0): "Total",
        (4, 3): "1,802.50",
    }
    spans = {(0, 0): (2, 1), (0, 1): (1, 2), (0, 3): (2, 1), (4, 0): (1, 3)}
    return table((60, 280, 430, 580, 740), (120, 180, 240, 310, 380, 450), cells, spans, on=text)


def slide() -> Pixels:
    """Light letters on a dark ground, with items and a box."""
    texts = [("Reading at the edge", (60, 50), 52)]
    items = ("One process, a fixed pool of workers", "A memory budget that holds", "Lines leave as they are read")
    texts += [(f"• {item}", (80, 170 + 70 * place), 32) for place, item in enumerate(items)]
    texts += [("300 MB", (640, 420), 48), ("at most", (670, 485), 28)]
    return np.ascontiguousarray(255 - _texts(texts, 900, 560) * np.float32([0.7, 0.85, 0.9]), dtype=np.float32).astype(
        np.uint8
    )


def photographed_receipt() -> Pixels:
    """The receipt on a dark table, from one side."""
    pixels = page(RECEIPT, height=520)
    height, width = pixels.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(110, 60), (830, 110), (800, 610), (60, 570)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, seen)
    photo = cv2.warpPerspective(pixels, matrix, (900, 660), flags=cv2.INTER_CUBIC, borderValue=(60, 70, 80))
    light = np.linspace(1.0, 0.75, 900, dtype=np.float32)[np.newaxis, :, np.newaxis]
    return np.asarray(np.clip(photo * light, 0, 255), np.uint8)


PAGES: dict[str, Callable[[], Pixels]] = {
    "receipt": lambda: page(RECEIPT, height=520),
    "article": article,
    "table": invoice_table,
    "slide": slide,
    "photograph": photographed_receipt,
    "letter": lambda: page(_LETTER, 900, 660),
}


def read(reader: Reader, pixels: Pixels) -> Page:
    """The page of an image."""
    trace = Trace()
    height, width = pixels.shape[:2]
    detected = reader.find(Picture(pixels, width, height), Mode.PAGE, trace)
    return detected.page(reader.lines(detected, trace))


def drawn(pixels: Pixels, found: Page) -> Image.Image:
    """The page with what was found, and beside it the text alone."""
    left = Image.fromarray(np.ascontiguousarray(pixels[:, :, ::-1]))
    right = Image.new("RGB", left.size, "white")
    over = ImageDraw.Draw(left)
    for one in found.tables:
        for cell in one.cells:
            over.polygon(cell.polygon, outline=_TABLE_COLOUR, width=3)
            ImageDraw.Draw(right).polygon(cell.polygon, outline=_TABLE_COLOUR, width=2)
    for number, line in enumerate(found.lines, 1):
        colour = _COLOURS[line.paragraph % len(_COLOURS)]
        over.polygon(line.polygon, outline=colour, width=2)
        _number(over, number, line, colour)
        _write(right, line, colour)
    both = Image.new("RGB", (2 * left.width + 12, left.height), "#888888")
    both.paste(left, (0, 0))
    both.paste(right, (left.width + 12, 0))
    scale = 2 * _SHOWN_WIDTH / both.width
    return both.resize((round(both.width * scale), round(both.height * scale)), Image.Resampling.LANCZOS)


def _number(over: ImageDraw.ImageDraw, number: int, line: Line, colour: str) -> None:
    x, y = line.polygon[0]
    label = str(number)
    width = font(15).getlength(label) + 6
    over.rectangle((x - width, y - 2, x, y + 18), colour)
    over.text((x - width + 3, y - 4), label, "white", font(15))


def _write(right: Image.Image, line: Line, colour: str) -> None:
    """The text in the line's place, as long as it and turned as it is."""
    _, height = line_size(line.polygon)
    size = max(8, round(height * 0.85))
    long = max(1, round(font(size).getlength(line.text)))
    text = Image.new("RGBA", (long, height), (0, 0, 0, 0))
    ImageDraw.Draw(text).text((0, height / 2), line.text, colour, font(size), anchor="lm")
    source = np.array([(0, 0), (long, 0), (long, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, np.array(line.polygon, np.float32))
    turned = cv2.warpPerspective(np.asarray(text), matrix, right.size, flags=cv2.INTER_LINEAR)
    right.paste(Image.fromarray(turned), (0, 0), Image.fromarray(turned[:, :, 3]))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    reader = Reader(Models.load(DEFAULT_FOLDER))
    for name, make in PAGES.items():
        pixels = make()
        found = read(reader, pixels)
        drawn(pixels, found).save(folder / f"page-{name}.webp", quality=_QUALITY)
        print(f"==> {name}, {found.rotation_degrees:.1f} degrees, {len(found.tables)} tables\n{found.text}\n")


if __name__ == "__main__":
    main()
