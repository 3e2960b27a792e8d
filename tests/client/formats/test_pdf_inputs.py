"""Searchable PDFs made of PDFs: text that is there already, passwords, and what is no page."""

import ctypes
import io

import grpc
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from edgeocr.client import OcrError
from edgeocr.client.formats import PdfSettings, Settings, writer_of
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import add_line, bad_page, read, written
from tests.client.formats.pdf_output import LINES, lined, texts
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered


def test_pages_of_a_pdf_stay_as_they_are_with_text_over_them(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)]), PdfPageSpec(), PdfPageSpec()]))
    pages = [lined(), bad_page(), lined()]
    pages[0].embedded = True
    # One that could not be read is there, too.
    assert texts(written("pdf", read(path, *pages))) == [["drawn"], [""], LINES]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_lies_where_a_turned_page_shows_it(image, rotation):
    path = image("a.pdf", pdf([PdfPageSpec(width=400, height=200, rotation=rotation)]))
    width, height = (800, 400) if rotation in (0, 180) else (400, 800)
    page = ocr_pb2.Page(width_pixels=width, height_pixels=height)
    add_line(page, "turned", left=100, top=60, width=200, height=40)
    (shown,) = pdfium.PdfDocument(written("pdf", read(path, page)))
    text = shown.get_textpage()
    assert text.get_text_range() == "turned"
    corners = []
    for place in range(len("turned")):
        left, bottom, right, top = text.get_charbox(place, loose=True)
        for x, y in ((left, bottom), (right, top)):
            across, down = ctypes.c_int(), ctypes.c_int()
            pdfium_c.FPDF_PageToDevice(shown, 0, 0, width, height, 0, x, y, across, down)
            corners.append((across.value, down.value))
    low, high = np.min(corners, 0), np.max(corners, 0)
    assert (*low, *high) == pytest.approx((100, 60, 300, 100), abs=4)


def test_an_encrypted_pdf_is_opened_by_its_password_and_said_to_lose_it(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)]), PdfPageSpec()], password="secret"))
    for wrong in (PdfSettings(), PdfSettings(password="wrong")):
        with pytest.raises(OcrError, match="not with this password") as caught:
            written("pdf", read(path, lined(), lined()), pdf=wrong)
        assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
    output = io.BytesIO()
    writer = writer_of("pdf")(output, Settings(pdf=PdfSettings(password="secret")))
    writer.write(read(path, lined(), lined()))
    assert "was encrypted; the output has no password" in writer.take_remarks()
    writer.finish()
    assert texts(output.getvalue()) == [["drawn"], LINES]
    assert b"/Encrypt" not in output.getvalue()


def remarks_of(result, settings):
    writer = writer_of("pdf")(output := io.BytesIO(), Settings(pdf=settings))
    writer.write(result)
    remarks = list(writer.take_remarks())
    writer.finish()
    return remarks, texts(output.getvalue())


def test_pages_that_have_text_keep_it_and_that_is_said(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)]), PdfPageSpec()]))
    remarks, found = remarks_of(read(path, lined(), lined()), PdfSettings())
    assert remarks == ["1 of 2 pages have text, and keep it (--existing-text)"]
    assert found == [["drawn"], LINES]


def test_a_file_whose_pages_have_text_is_refused_where_that_is_asked_for(image):
    path = image("a.pdf", pdf([PdfPageSpec(), PdfPageSpec(texts=[("drawn", 20, 20)])]))
    with pytest.raises(OcrError, match=r"page 2 has text already \(--existing-text refuse\)"):
        remarks_of(read(path, lined(), lined()), PdfSettings(existing_text="refuse"))


def test_text_that_others_put_over_a_page_is_replaced_where_that_is_asked_for(image):
    once = written("pdf", read(image("a.png", encoded(rendered([]))), lined()))
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    add_line(page, "anew", left=50, top=40, width=400, height=30)
    remarks, found = remarks_of(read(image("once.pdf", once), page), PdfSettings(existing_text="redo"))
    assert (remarks, found) == ([], [["anew"]])


def test_text_that_a_page_shows_is_not_said_twice(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)])]))
    page = ocr_pb2.Page(width_pixels=400, height_pixels=200)
    add_line(page, "drawn", left=20, top=158, width=60, height=26)
    add_line(page, "from a picture", left=200, top=20, width=150, height=26)
    _, (found,) = remarks_of(read(path, page), PdfSettings(existing_text="redo"))
    assert sorted(found) == ["drawn", "from a picture"]


def test_one_file_keeps_what_is_no_page_of_it(image):
    objects = pdf([PdfPageSpec(), PdfPageSpec()]).replace(
        b"/Type/Catalog", b"/Lang(de)/PageMode/UseOutlines/Type/Catalog"
    )
    path = image("a.pdf", objects)
    alone = written("pdf", read(path, lined(), lined()))
    assert b"/UseOutlines" in alone
    assert b"/Lang(de)" in alone
    assert texts(alone) == [LINES, LINES]


def test_pages_of_a_pdf_become_no_archive_file(image):
    with pytest.raises(OcrError, match="only images can be converted to PDF/A"):
        written("pdf", read(image("a.pdf", pdf([PdfPageSpec()])), lined()), pdf=PdfSettings(pdf_a=True))
