"""A drawer full of scans, as people have them: 25 files, of which some cannot be read."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, table
from tests.support.rendering import page as rendered

SCANS = 14
BOOK = "book.pdf"
DOUBTFUL = ("blurred.png", "more-blurred.png")
LAST = "zz-last.png"
HOSTILE = "=cmd(1) <b>&amp;.png"
BROKEN = {
    "broken.png": "This file is damaged or incomplete.",
    "empty.jpg": "This file is empty.",
    "locked.pdf": "This file is protected. Enter its password.",
    "words.txt": "This is not an image or a PDF file.",
}


def fill(folder: Path) -> None:
    """Writes the files."""
    for number in range(1, SCANS + 1):
        write(
            folder / f"scan-{number:02}{'.png' if number % 2 else '.jpg'}",
            f"Scan number {number}",
            "Paper and ink",
            "7.50",
        )
    write(folder / LAST, "The last of them", "is seen at once")
    write(folder / HOSTILE, "=HYPERLINK(1)", "@SUM(A1)", "+1 or so")
    sideways = rendered([(f"A photo on its side, row {row}", (60, 60 + 70 * row)) for row in range(5)], 800, 460)
    Image.fromarray(sideways).rotate(90, expand=True).save(folder / "sideways.jpg")
    cells = {(row, column): f"{row}{column}" for row in range(3) for column in range(3)}
    (folder / "table.png").write_bytes(encoded(table((40, 200, 360, 520), (40, 110, 180, 250), cells)))
    for name, width in zip(DOUBTFUL, (100, 92), strict=True):
        blurred(width).save(folder / name)
    pages = [
        PdfPageSpec([(f"Page {number} of the book", 40, 140), ("and some more", 40, 60)]) for number in range(1, 4)
    ]
    (folder / BOOK).write_bytes(pdf(pages))
    (folder / "broken.png").write_bytes((folder / "scan-01.png").read_bytes()[:300])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "locked.pdf").write_bytes(pdf([PdfPageSpec([("secret", 40, 100)])], "open"))
    (folder / "words.txt").write_text("just words")


def write(path: Path, *rows: str) -> None:
    """An image of rows of text."""
    texts = [(row, (40, 30 + 60 * place)) for place, row in enumerate(rows)]
    path.write_bytes(encoded(rendered(texts, 460, 60 + 60 * len(rows)), path.suffix))


def blurred(width: int) -> Image.Image:
    """Text of which some characters are beyond anybody: drawn as wide as few pixels, and noisy."""
    sharp = rendered(
        [("Blurred words here", (40, 40)), ("Payable 318030 and 5.70", (40, 110)), ("Malaysia BOOK No 8", (40, 180))],
        460,
        260,
    )
    small = Image.fromarray(sharp).resize((width, width * 260 // 460), Image.Resampling.BILINEAR)
    pixels = np.asarray(small.resize((460, 260), Image.Resampling.BILINEAR)).astype(int)
    noisy = pixels + np.random.default_rng(1).normal(0, 20 if width > 95 else 25, pixels.shape)
    data = io.BytesIO()
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(data, "PNG")
    return Image.open(data)
