"""Searchable PDFs as files: written whole or not at all, what they state of themselves, and archive files."""

import ctypes
import io
import os
import re
import threading

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest
from lxml import etree
from PIL import Image

from edgeocr.client.formats import PdfSettings, Settings, writer_of
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import add_line, read, written
from tests.client.formats.pdf_output import LINES, lined, texts
from tests.support.rendering import encoded
from tests.support.rendering import page as rendered


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

    with pytest.raises(OSError, match="the written file"):
        finish(image, Lossy())


def test_an_interruption_while_the_file_is_written_is_not_lost(image):
    class Interrupted(io.BytesIO):
        def write(self, data):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finish(image, Interrupted())


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


def test_a_pipe_gets_the_whole_file(image, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    received = []
    reader = threading.Thread(target=lambda: received.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    with open(tmp_path / "pipe", "wb") as output:
        finish(image, output)
    reader.join()
    assert texts(received[0]) == [LINES]
