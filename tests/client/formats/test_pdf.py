"""Searchable PDFs: pages as they were sent, and their text where it is."""

import cv2
import grpc
import numpy as np
import pypdfium2 as pdfium
import pytest

from edgeocr.client import OcrError
from edgeocr.client.formats import PdfSettings
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import add_line, failed, read, written
from tests.client.formats.pdf_output import LINES, lined, texts
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered


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


def test_a_page_is_turned_upright_with_its_text(image):
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600, rotation_degrees=90.4)
    add_line(page, "sideways", left=100, top=100, width=40, height=300)
    (shown,) = pdfium.PdfDocument(written("pdf", read(image("a.png", encoded(rendered([]))), page)))
    assert shown.get_rotation() == 270
    assert shown.get_textpage().get_text_range() == "sideways"


def test_a_page_that_is_askew_is_set_straight_where_that_is_asked_for(image):
    straight = np.full((600, 800, 3), 255, np.uint8)
    straight[290:310, 100:700] = 0
    askew = cv2.warpAffine(straight, cv2.getRotationMatrix2D((400, 300), -5, 1), (800, 600), borderValue=(255,) * 3)
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600, rotation_degrees=5)
    line = add_line(page, "straight", left=100, top=290, width=600, height=20)
    del line.polygon[:]
    for x, y in cv2.transform(np.float32([[[100, 290], [700, 290], [700, 310], [100, 310]]]),
                              cv2.getRotationMatrix2D((400, 300), -5, 1))[0]:  # fmt: skip
        line.polygon.add(x=x, y=y)
    data = written("pdf", read(image("a.png", encoded(askew)), page), pdf=PdfSettings(deskew=True))
    (shown,) = pdfium.PdfDocument(data)
    rows = np.flatnonzero(shown.render(scale=200 / 72).to_numpy()[:, 150:650, 0].min(1) < 128)
    assert (rows[0], rows[-1]) == (pytest.approx(290, abs=3), pytest.approx(309, abs=3))
    text = shown.get_textpage()
    assert text.count_rects() == 1
    left, bottom, right, top = text.get_rect(0)
    assert (left, right, top - bottom) == pytest.approx((36, 252, 7.2), abs=1)
