"""Pages of each kind whose structure may be told otherwise by an interface."""

from tests.benchmarks.structure.samples import TEXTS, drawn_text
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import columns, encoded, page, table

RECEIPT = [
    *(("THE CORNER SHOP", (260, 20)), ("12 Mill Lane", (300, 60))),
    *(("Milk 1L x2", (60, 140)), ("31.80", (640, 140)), ("Bread", (60, 180)), ("8.50", (655, 180))),
    *(("Tea, green", (60, 220)), ("12.00", (640, 220)), ("TOTAL", (60, 280)), ("52.30", (640, 280))),
]
PRICES = [
    (text, (x, 60 + 44 * row))
    for row, texts in enumerate(
        (("Item", "Size", "Price"), ("Bolt", "M6", "0.40"), ("Nut", "M6", "0.25"), ("Washer", "M8", "0.10"))
    )
    for text, x in zip(texts, (60, 320, 560), strict=True)
]
LEFT = ("The first column tells of a", "river that runs to the sea,", "past a mill, three bridges", "and a quiet town.")
RIGHT = ("The second one tells of the", "people who live beside it,", "who fish and build boats in", "the long winter.")
TWO_COLUMNS = [(text, (x, 60 + 40 * row)) for texts, x in ((LEFT, 40), (RIGHT, 460)) for row, text in enumerate(texts)]
PAGES = {
    "receipt": encoded(page(RECEIPT)),
    "ruled table": encoded(
        table((60, 300, 500), (60, 120, 180), {(0, 0): "name", (0, 1): "sum", (1, 0): "tea", (1, 1): "12"})
    ),
    "unruled table": encoded(page(PRICES)),
    "two columns": encoded(page(TWO_COLUMNS, width=880)),
    "vertical": encoded(columns([("春眠不觉晓", (300, 40)), ("处处闻啼鸟", (200, 40))], 400, 300, size=36)),
    "spans": encoded(
        table(
            *((60, 200, 340, 500), (60, 120, 180, 240)),
            {(0, 0): "sizes & sums", (1, 0): "*tea*", (1, 1): "12", (1, 2): "=1+1", (2, 1): "a|b", (2, 2): "1. x"},
            {(0, 0): (1, 3), (1, 0): (2, 1)},
        )
    ),
    "headings and items": encoded(drawn_text(TEXTS["numbered list"])),
    "items with bullets": encoded(drawn_text(TEXTS["list with hanging rows"])),
    "letter": encoded(drawn_text(TEXTS["letter"])),
    "document": pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two", 40, 100)])]),
}
