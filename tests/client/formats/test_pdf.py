"""Searchable PDFs: pages as they were sent, and their text where it is."""

import ctypes
import io

import cv2
import grpc
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from edgeocr.client import OcrError
from edgeocr.client.formats import WRITERS, Settings
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import NASTY, add_line, bad_page, failed, read, written
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered


@pytest.fixture
def image(tmp_path):
    def make(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return make


def texts(data):
    document = pdfium.PdfDocument(data)
    return [page.get_textpage().get_text_range().split("\r\n") for page in document]


LINES = ["中文发票 第一行", NASTY, "Grüße, 4 €", "𠮷野家"]


def lined():
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    for number, text in enumerate(LINES):
        add_line(page, text, left=50, top=40 + 60 * number, width=400, height=30, row=number)
    return page


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_a_pdf_shows_the_image_and_holds_its_text(image, suffix):
    pixels = rendered([(text, (50, 40 + 60 * number)) for number, text in enumerate(LINES[:3])])
    data = written("pdf", read(image("a" + suffix, encoded(pixels, suffix)), lined()))
    assert texts(data) == [LINES]
    (shown,) = pdfium.PdfDocument(data)
    assert shown.get_size() == pytest.approx((800 * 72 / 200, 600 * 72 / 200))
    drawn = shown.render(scale=200 / 72).to_numpy()[:, :, :3]
    assert np.abs(drawn.astype(int) - pixels).mean() < 4


def test_text_lies_over_what_it_says(image):
    data = written("pdf", read(image("a.png", encoded(rendered([]))), lined()))
    (shown,) = pdfium.PdfDocument(data)
    text = shown.get_textpage()
    begin = text.get_text_range().index("Grüße")
    boxes = [text.get_charbox(begin + place, loose=True) for place in range(len(LINES[2]))]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    scale = 200 / 72
    assert (left * scale, right * scale) == pytest.approx((50, 450), abs=3)
    assert (600 - top * scale, 600 - bottom * scale) == pytest.approx((160, 190), abs=3)


def test_a_photograph_that_lies_on_its_side_is_turned(image):
    pixels = rendered([("Turned", (50, 40))])
    jpeg = encoded(np.ascontiguousarray(cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)), ".jpg")
    # An Exif segment that says: show it turned clockwise by a quarter.
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + jpeg[2:]
    (shown,) = pdfium.PdfDocument(written("pdf", read(image("a.jpg", turned), lined())))
    assert np.abs(shown.render(scale=200 / 72).to_numpy()[:, :, :3].astype(int) - pixels).mean() < 4


def test_pages_of_a_pdf_stay_as_they_are_with_text_over_them(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)]), PdfPageSpec(), PdfPageSpec()]))
    pages = [lined(), bad_page(), lined()]
    pages[0].embedded = True
    data = written("pdf", read(path, *pages))
    assert texts(data)[0] == ["drawn"]
    assert texts(data)[1] == LINES
    assert len(texts(data)) == 2


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


def test_an_encrypted_pdf_cannot_be_made_into_another(image):
    with pytest.raises(OcrError, match="encrypted") as caught:
        written("pdf", read(image("a.pdf", pdf([PdfPageSpec()], password="secret")), lined()))
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION


def test_several_files_are_one_pdf(image):
    data = encoded(rendered([]))
    results = [read(image("a.png", data), lined()), failed("bad"), read(image("b.png", data), lined())]
    assert texts(written("pdf", *results, several=True)) == [LINES, LINES]


def test_a_file_that_is_gone_is_an_error_of_its_own():
    with pytest.raises(OcrError, match="No such file") as caught:
        written("pdf", read("gone.png", lined()))
    assert caught.value.code is grpc.StatusCode.NOT_FOUND


def test_a_pdf_of_nothing_is_nothing():
    assert written("pdf", failed("bad")) == b""


def finish(image, output):
    writer = WRITERS["pdf"](output, Settings())
    writer.write(read(image("a.png", encoded(rendered([]))), lined()))
    writer.finish()


def test_a_device_that_is_full_is_an_error(image):
    with open("/dev/full", "wb", buffering=0) as output, pytest.raises(OSError, match="No space left on device"):
        finish(image, output)


def test_a_file_that_is_not_whole_is_an_error(image):
    class Lossy(io.BytesIO):
        def write(self, data):
            return super().write(data) if len(data) < 500 else len(data)

    with pytest.raises(OSError, match="when it is opened again"):
        finish(image, Lossy())


def test_an_interruption_while_the_file_is_written_is_not_lost(image):
    class Interrupted(io.BytesIO):
        def write(self, data):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(image, Interrupted())
