"""The text that a page of a PDF holds as such, as lines of a page that was read."""

import ctypes
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.model.geometry.polygons import reading_orientation
from edgeocr.model.layout.reading_order import positions
from edgeocr.model.results import Line, Point, Polygon

_HYPHEN = 2
"""PDFium's character for a hyphen at a line's end."""


def embedded_lines(page: pdfium.PdfPage, width: int, height: int) -> list[Line]:
    """The lines in the file's order, with boxes in reading orientation, in pixels of a page that has so many.

    Their confidence is 1; they have no characters of their own.
    """
    text = page.get_textpage()
    try:
        found = [(_polygon(page, text, begin, end, width, height), content) for begin, end, content in _lines(text)]
        return [
            Line(polygon, content, 1.0, (), position.row, position.paragraph)
            for (polygon, content), position in zip(found, positions([polygon for polygon, _ in found]), strict=True)
        ]
    finally:
        text.close()


def _lines(text: pdfium.PdfTextPage) -> Iterator[tuple[int, int, str]]:
    """Each line that has text: where it begins and ends, and what it says."""
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
    """What the units, of 16 or 32 bits, say, without what cannot be seen."""
    units = [ord("-") if unit == _HYPHEN else unit for unit in units]
    data = "".join(map(chr, units)).encode("utf-16-le", "surrogatepass")
    return "".join(character for character in data.decode("utf-16-le", "replace") if character.isprintable()).strip()


def _polygon(page: pdfium.PdfPage, text: pdfium.PdfTextPage, begin: int, end: int, width: int, height: int) -> Polygon:
    corners: list[Point] = []
    for number in range(text.count_rects(begin, end - begin)):
        left, bottom, right, top = text.get_rect(number)
        corners += [_pixel(page, left, top, width, height), _pixel(page, right, bottom, width, height)]
    xs, ys = [x for x, _ in corners] or [0.0], [y for _, y in corners] or [0.0]
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return reading_orientation(((left, top), (right, top), (right, bottom), (left, bottom)))


def _pixel(page: pdfium.PdfPage, x: float, y: float, width: int, height: int) -> Point:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, across, down)
    return float(min(max(across.value, 0), width)), float(min(max(down.value, 0), height))
