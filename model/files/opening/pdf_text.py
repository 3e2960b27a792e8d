"""The embedded text of a PDF page, as lines with boxes."""

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.model.errors import InvalidInput
from edgeocr.model.files.opening.requests import MOST_CHARACTERS, MOST_LINES, TextLine

_HYPHEN = 2
"""PDFium's character for a hyphen at the end of a line."""


def text_lines(page: pdfium.PdfPage, width: int, height: int) -> list[TextLine]:
    """The lines in the file's order, with boxes in pixels of a page of the given size.

    Raises:
        InvalidInput: there is more text than the limit.
    """
    text = page.get_textpage()
    try:
        if text.count_chars() > MOST_CHARACTERS:
            raise _too_much()
        found: list[TextLine] = []
        for begin, end, content in _lines(text):
            if len(found) == MOST_LINES:
                raise _too_much()
            found.append(TextLine(content, *_box(page, text, begin, end, width, height)))
        return found
    finally:
        text.close()


def _too_much() -> InvalidInput:
    return InvalidInput(
        f"page: holds more text as such than {MOST_LINES} lines or {MOST_CHARACTERS} characters; "
        "ask for it to be ignored (document.text_layer)"
    )


def _lines(text: pdfium.PdfTextPage) -> Iterator[tuple[int, int, str]]:
    """The start, end and text of each line that has text."""
    begin, units = 0, list[int]()
    count = text.count_chars()
    for place in range(count + 1):
        unit = pdfium_c.FPDFText_GetUnicode(text, place) if place < count else ord("\n")
        if unit not in (ord("\r"), ord("\n")):
            units.append(unit)
            continue
        if content := _text(units):
            yield begin, place, content
        begin, units = place + 1, []


def _text(units: list[int]) -> str:
    """Decodes UTF-16 or UTF-32 units, without invisible characters."""
    units = [ord("-") if unit == _HYPHEN else unit for unit in units]
    data = "".join(map(chr, units)).encode("utf-16-le", "surrogatepass")
    return "".join(character for character in data.decode("utf-16-le", "replace") if character.isprintable()).strip()


def _box(
    page: pdfium.PdfPage, text: pdfium.PdfTextPage, begin: int, end: int, width: int, height: int
) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    corners: list[tuple[float, float]] = []
    for number in range(text.count_rects(begin, end - begin)):
        left, bottom, right, top = text.get_rect(number)
        corners += [_pixel(page, left, top, width, height), _pixel(page, right, bottom, width, height)]
    xs, ys = [x for x, _ in corners] or [0.0], [y for _, y in corners] or [0.0]
    return min(xs), min(ys), max(xs), max(ys)


def _pixel(page: pdfium.PdfPage, x: float, y: float, width: int, height: int) -> tuple[float, float]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return float(min(max(across.value, 0), width)), float(min(max(down.value, 0), height))
