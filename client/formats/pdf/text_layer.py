"""An invisible text layer over a page, for search and copying.

It uses a font whose glyphs are all the same blank box; a ToUnicode table on the page maps codes to characters, so that
text of any language can be searched.
"""

import ctypes
from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.results.document import Direction, Line, Page, Point

_ADVANCE, _DESCENT = 0.5, 0.2
"""Ascent and descent of the font as fractions of its size, which are the height of its box."""

Vector = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]


def corners_in_page(added: pdfium.PdfPage, page: Page, line: Line) -> list[Vector]:
    """A line's corners in the page's coordinates, in points, y upwards."""
    return [_in_page(added, page, point) for point in line.polygon]


def add_text(
    document: pdfium.PdfDocument, added: pdfium.PdfPage, page: Page, lines: Sequence[Line],
    font_data: bytes, turn: Matrix | None = None,
) -> None:  # fmt: skip
    """Adds invisible lines to a page at their positions.

    Args:
        document: the page's.
        added: the page, whose content was read at the size of `page`.
        page: the result.
        lines: the lines of the result to add.
        font_data: the font, a TrueType file.
        turn: the rotation that was applied to the page's picture, if any; it applies to the text too.
    """
    codes = {character: code for code, character in enumerate(sorted({*"".join(line.text for line in lines)}), 1)}
    if not codes:
        return
    # Every code is drawn as the font's second glyph, the box.
    glyphs = _array(b"\0\0" + b"\0\1" * len(codes))
    font = _array(font_data)
    handle = pdfium_c.FPDFText_LoadCidType2Font(document, font, len(font), _code_map(codes), glyphs, len(glyphs))
    for line in lines:
        if not line.text:
            continue
        text = pdfium_c.FPDFPageObj_CreateTextObj(document, handle, 1.0)
        units = [codes[character] for character in line.text]
        pdfium_c.FPDFText_SetCharcodes(text, (ctypes.c_uint32 * len(units))(*units), len(units))
        pdfium_c.FPDFTextObj_SetTextRenderMode(text, pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE)
        corners = corners_in_page(added, page, line)
        pdfium_c.FPDFPageObj_Transform(text, *_matrix(corners, len(units), line.direction))
        if turn is not None:
            pdfium_c.FPDFPageObj_Transform(text, *turn)
        pdfium_c.FPDFPage_InsertObject(added, text)
    added.gen_content()
    pdfium_c.FPDFFont_Close(handle)


def _array(data: bytes) -> "ctypes.Array[ctypes.c_uint8]":
    return (ctypes.c_uint8 * len(data)).from_buffer_copy(data)


def _in_page(added: pdfium.PdfPage, page: Page, point: Point) -> Vector:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDF_DeviceToPage(added, 0, 0, page.width, page.height, 0, *map(round, point), x, y)
    return x.value, y.value


def _matrix(corners: Sequence[Vector], count: int, direction: Direction) -> Matrix:
    """The text matrix that fits `count` characters of size 1 into a line's polygon."""
    above, _, end, start = corners
    if direction is Direction.VERTICAL:
        # Vertical text is set as text rotated by 90°, whose baseline is on the left.
        start, above, _, end = corners
    along = (end[0] - start[0]) / (_ADVANCE * count), (end[1] - start[1]) / (_ADVANCE * count)
    up = above[0] - start[0], above[1] - start[1]
    return (*along, *up, start[0] + _DESCENT * up[0], start[1] + _DESCENT * up[1])


def _code_map(codes: dict[str, int]) -> bytes:
    """A ToUnicode CMap (ISO 32000-1, 9.10.3), in blocks of at most a hundred entries."""
    entries = [f"<{code:04X}> <{character.encode('utf-16-be').hex()}>" for character, code in codes.items()]
    blocks = [entries[begin : begin + 100] for begin in range(0, len(entries), 100)]
    rows = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <FFFF> endcodespacerange",
        *(row for block in blocks for row in (f"{len(block)} beginbfchar", *block, "endbfchar")),
        "endcmap CMapName currentdict /CMap defineresource pop end end",
    ]
    return "\n".join(rows).encode("ascii")
