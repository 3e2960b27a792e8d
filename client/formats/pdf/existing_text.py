"""The text that a page of a PDF file already has: its presence, its boxes, and its invisible part."""

from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from edgeocr.client.formats.pdf.text_layer import Vector

_COVERED = 0.5
"""A line is not added if existing visible text covers this fraction of it."""


def has_text(page: pdfium.PdfPage) -> bool:
    """Whether the page has any text, visible or not."""
    text = page.get_textpage()
    try:
        return bool(text.get_text_range().strip())
    finally:
        text.close()


def remove_unseen(page: pdfium.PdfPage) -> None:
    """Removes invisible text, as added by OCR programs."""
    unseen = [
        found
        for found in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
        if pdfium_c.FPDFTextObj_GetTextRenderMode(found) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
    ]
    for found in unseen:
        page.remove_obj(found)
        found.close()
    if unseen:
        page.gen_content()


def covered(corners: Sequence[Vector], boxes: Sequence[tuple[float, float, float, float]]) -> bool:
    """Whether most of the corners' bounding box is covered by boxes, each (left, bottom, right, top)."""
    xs, ys = zip(*corners, strict=True)
    left, bottom, right, top = min(xs), min(ys), max(xs), max(ys)
    shared: float = sum(
        max(0.0, min(right, box[2]) - max(left, box[0])) * max(0.0, min(top, box[3]) - max(bottom, box[1]))
        for box in boxes
    )
    return bool(shared > _COVERED * (right - left) * (top - bottom))


def text_boxes(page: pdfium.PdfPage) -> list[tuple[float, float, float, float]]:
    """The boxes of text in the page's coordinates: left, bottom, right, top in points."""
    text = page.get_textpage()
    try:
        return [text.get_rect(place) for place in range(text.count_rects())]
    finally:
        text.close()
