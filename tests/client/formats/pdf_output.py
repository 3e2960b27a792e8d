"""What tests of searchable PDFs share."""

import pypdfium2 as pdfium

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import NASTY, add_line


def texts(data):
    document = pdfium.PdfDocument(data)
    return [page.get_textpage().get_text_range().split("\r\n") for page in document]


LINES = ["中文发票 第一行", NASTY, "Grüße, 4 €", "𠮷野家"]


def lined():
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    for number, text in enumerate(LINES):
        add_line(page, text, left=50, top=40 + 60 * number, width=400, height=30, row=number)
    return page
