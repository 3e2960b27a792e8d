"""Searchable PDFs: pages as they were sent, and their text where it is."""

import ctypes
import io
import os
import re
import threading

import cv2
import grpc
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from lxml import etree
from PIL import Image

from edgeocr.client import OcrError
from edgeocr.client.formats import PdfSettings, Settings, writer_of
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
    assert "is encrypted, and is written without its password" in writer.take_remarks()
    writer.finish()
    assert texts(output.getvalue()) == [["drawn"], LINES]
    assert b"/Encrypt" not in output.getvalue()


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
    writer = writer_of("pdf")(output, Settings())
    writer.write(read(image("a.png", encoded(rendered([]))), lined()))
    writer.finish()


def test_a_device_that_is_full_is_an_error(image):
    with open("/dev/full", "wb", buffering=0) as output, pytest.raises(OSError, match="No space left on device"):
        finish(image, output)


def test_a_file_that_is_not_whole_is_an_error(image):
    class Lossy(io.BytesIO):
        def write(self, data):
            return super().write(data) if len(data) < 500 else len(data)

    with pytest.raises(OSError, match="what was written"):
        finish(image, Lossy())


def test_an_interruption_while_the_file_is_written_is_not_lost(image):
    class Interrupted(io.BytesIO):
        def write(self, data):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(image, Interrupted())


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


@pytest.mark.parametrize(("asked", "stated"), [("", "zh"), ("en-GB", "en-GB")])
def test_the_language_is_stated_where_it_is_known(image, asked, stated):
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    add_line(page, "中文发票第一行 No")
    path = image("a.png", encoded(rendered([])))
    assert language(written("pdf", read(path, page), pdf=PdfSettings(language=asked))) == stated
    page.lines[0].text = "English or deutsch"
    assert language(written("pdf", read(path, page))) == ""


def language(data):
    document = pdfium.PdfDocument(data)
    buffer = (ctypes.c_ushort * 50)()
    pdfium_c.FPDFCatalog_GetLanguage(document, buffer, ctypes.sizeof(buffer))
    return bytes(buffer).decode("utf-16-le").rstrip("\0")


def test_the_file_says_who_made_it(image):
    data = written("pdf", read(image("a.png", encoded(rendered([]))), lined()))
    assert pdfium.PdfDocument(data).get_metadata_value("Producer").startswith("edgeocr ")
    metadata = etree.fromstring(data[data.index(b"<x:xmpmeta") : data.index(b"</x:xmpmeta>") + 12])
    (producer,) = metadata.iter("{http://ns.adobe.com/pdf/1.3/}Producer")
    assert producer.text.startswith("edgeocr ")
    assert b"pdfaid:part" not in data


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_images_become_an_archive_file_where_that_is_asked_for(image, mode):
    """PDF/A-2b, as far as its rules bear on what such a file has (ISO 19005-2, 6.1 to 6.6)."""
    buffer = io.BytesIO()
    Image.new(mode, (800, 600)).save(buffer, "JPEG", dpi=(300, 300))
    data = written("pdf", read(image("a.jpg", buffer.getvalue()), lined()), pdf=PdfSettings(pdf_a=True))
    assert re.match(rb"%PDF-1\.[4-7]\r?\n%[\x80-\xff]{4}", data)
    assert b"<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>B</pdfaid:conformance>" in data
    assert re.search(rb"/OutputIntents\[<</Type/OutputIntent/S/GTS_PDFA1.*/DestOutputProfile \d+ 0 R>>\]", data)
    assert re.search(rb"trailer\s+<<[^>]*/ID\[<[0-9A-F]{32}>", data)
    assert b"/Filter/FlateDecode" not in data[data.index(b"/Type/Metadata") : data.index(b"<?xpacket")]
    for forbidden in (b"/Encrypt", b"/LZWDecode", b"/JavaScript", b"/DeviceCMYK", b"/SMask", b"/Interpolate true"):
        assert forbidden not in data
    assert b"/FontFile2" in data
    (shown,) = pdfium.PdfDocument(data)
    assert shown.get_size() == pytest.approx((192, 144))


def test_pages_of_a_pdf_become_no_archive_file(image):
    with pytest.raises(OcrError, match="only images can be made into PDF/A"):
        written("pdf", read(image("a.pdf", pdf([PdfPageSpec()])), lined()), pdf=PdfSettings(pdf_a=True))


def test_a_pipe_gets_the_whole_file(image, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with open(tmp_path / "pipe", "wb") as output:
        finish(image, output)
    reader.join()
    assert texts(received[0]) == [LINES]
