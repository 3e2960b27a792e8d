"""Rendered pages in files of the kinds that readers refuse, decode wrongly, or draw without what was added to them."""

import io
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from tests.model.pages.kinds import han, words
from tests.support.files.forms import FORMS
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import font

FilePage = tuple[bytes, list[str]]


def _sheet(width: int, height: int, lines: list[str], size: int, pitch: int, mode: str = "RGB") -> Image.Image:
    sheet = Image.new(mode, (width, height), "white")
    for place, text in enumerate(lines):
        ImageDraw.Draw(sheet).text((size, size + pitch * place), text, "black", font(size))
    return sheet


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def filled_form() -> FilePage:
    form = FORMS["a choice"]
    return form.pdf(), ["Form label", *form.widget.reads]


def fax_of_400_dots_per_inch() -> FilePage:
    lines = [words(6, place) for place in range(12)]
    return _saved(_sheet(3306, 1800, lines, 62, 130, "1"), "tiff", compression="group4", dpi=(400, 400)), lines


def grey_scan_of_600_dots_per_inch() -> FilePage:
    lines = [words(7, place) for place in range(8)]
    return _saved(_sheet(4960, 1900, lines, 96, 210, "L"), "png", compress_level=1), lines


def _few_lines() -> tuple[Image.Image, list[str]]:
    lines = [words(4, 3), han(12, 4), words(3, 7)]
    return _sheet(521, 190, lines, 28, 54), lines


def jpeg2000() -> FilePage:
    sheet, lines = _few_lines()
    return _saved(sheet, "jpeg2000"), lines


def avif() -> FilePage:
    sheet, lines = _few_lines()
    return _saved(sheet, "avif", quality=90), lines


def portable_grey_map() -> FilePage:
    sheet, lines = _few_lines()
    return _saved(sheet.convert("L"), "ppm"), lines


def light_text_on_nothing() -> FilePage:
    lines = [words(2, 2), han(7, 5)]
    sticker = Image.new("RGBA", (460, 170), (0, 0, 0, 0))
    for place, text in enumerate(lines):
        ImageDraw.Draw(sticker).text((30, 20 + 70 * place), text, (255, 255, 255, 255), font(36))
    return _saved(sticker, "png"), lines


def small_page_with_a_fine_scan() -> FilePage:
    lines = [words(3, 5), words(3, 8)]
    scan = np.asarray(_sheet(760, 200, lines, 44, 80))[:, :, ::-1].copy()
    return pdf([PdfPageSpec(image=scan, width=68, height=18)]), lines


def bitmap_of_padded_runs() -> FilePage:
    """Rows of runs that go on to a multiple of four pixels, beyond the picture's width."""
    sheet, lines = _few_lines()
    pixels = np.asarray(sheet.convert("L"))
    height, width = pixels.shape
    assert width % 4
    data = b""
    for row in np.pad(pixels, ((0, 0), (0, -width % 4)))[::-1]:
        ends = [*(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        for start, end in zip([0, *ends], ends, strict=False):
            data += b"".join(bytes((min(255, end - at), row[start])) for at in range(start, end, 255))
        data += b"\0\0"
    data += b"\0\1"
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(data), 2835, 2835, 256, 0)
    offset = 14 + len(head) + len(palette)
    return struct.pack("<2sIHHI", b"BM", offset + len(data), 0, 0, offset) + head + palette + data, lines


FILE_KINDS: dict[str, Callable[[], FilePage]] = {
    kind.__name__: kind
    for kind in (
        *(filled_form, fax_of_400_dots_per_inch, grey_scan_of_600_dots_per_inch, jpeg2000, avif, portable_grey_map),
        *(light_text_on_nothing, small_page_with_a_fine_scan, bitmap_of_padded_runs),
    )
}
