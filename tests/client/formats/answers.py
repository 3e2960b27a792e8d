"""What a server answers, made by hand, and what the forms of output make of it."""

import io
from dataclasses import replace

import grpc

from edgeocr.client import Document, ImageFailed, ImageRead, OcrError
from edgeocr.client.answers import page_of
from edgeocr.client.formats import Settings, writer_of
from edgeocr.proto.edgeocr.v1 import ocr_pb2

CORNERS = [ocr_pb2.Point(x=x, y=y) for x, y in ((0, 0), (9, 0), (9, 9), (0, 9))]
NASTY = "a <b> & \"c\" 'd' |e| *f* ]]> `g`"


def add_line(page, text, left=10, top=10, width=200, height=20, row=0, paragraph=0):
    line = page.lines.add(text=text, confidence=0.9, row=row, paragraph=paragraph, min_confidence=0.5)
    for x, y in ((left, top), (left + width, top), (left + width, top + height), (left, top + height)):
        line.polygon.add(x=x, y=y)
    return line


def letter():
    """Two paragraphs; the second has a label and a price."""
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    add_line(page, NASTY)
    add_line(page, "第二行", top=40, row=1)
    add_line(page, "Sum", top=120, width=60, row=2, paragraph=1)
    add_line(page, "12.50", left=500, top=120, width=80, row=2, paragraph=1)
    return page


def with_table(*, spans):
    page = letter()
    table = page.tables.add(rows=2, columns=2, polygon=CORNERS)
    if spans:
        table.cells.add(row=0, column=0, row_span=1, column_span=2, polygon=CORNERS, text=NASTY, lines=[4])
    else:
        table.cells.add(row=0, column=0, row_span=1, column_span=1, polygon=CORNERS, text=NASTY, lines=[4])
        table.cells.add(row=0, column=1, row_span=1, column_span=1, polygon=CORNERS)
    table.cells.add(row=1, column=0, row_span=1, column_span=1, polygon=CORNERS, text="one\ntwo", lines=[5, 6])
    table.cells.add(row=1, column=1, row_span=1, column_span=1, polygon=CORNERS, text="3", lines=[7])
    for number, text in enumerate((NASTY, "one", "two", "3")):
        add_line(page, text, top=200 + 30 * number, row=3 + bool(number), paragraph=2)
    return page


def made(page):
    """The page as a client has it, but for its texts, which are left as they are."""
    found = page_of(page)
    lines = tuple(replace(line, text=raw.text) for line, raw in zip(found.lines, page.lines, strict=True))
    tables = []
    for table, raw in zip(found.tables, page.tables, strict=True):
        cells = zip(table.cells, raw.cells, strict=True)
        tables.append(replace(table, cells=tuple(replace(cell, text=sent.text) for cell, sent in cells)))
    return replace(found, lines=lines, tables=tuple(tables))


def read(key, *pages):
    for index, page in enumerate(pages):
        page.index = index
    return ImageRead(key, Document(tuple(map(made, pages))))


def failed(key):
    return ImageFailed(key, OcrError(grpc.StatusCode.INVALID_ARGUMENT, "image: is empty"))


def bad_page():
    page = ocr_pb2.Page()
    page.error.code, page.error.message = 3, "page: no"
    return page


def written(name, *results, **settings):
    output = io.BytesIO() if writer_of(name).is_binary else io.StringIO()
    writer = writer_of(name)(output, Settings(**settings))
    for result in results:
        writer.write(result)
    writer.finish()
    return output.getvalue()
