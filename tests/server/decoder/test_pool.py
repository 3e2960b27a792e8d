"""Decoder processes: what they answer, when they start, stay and end."""

import os

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import InvalidInput, Locked
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.opening.decoder import LOCAL
from edgeocr.model.files.opening.requests import CountPages, DecodeImage, DrawPage, LookAtPage, PageLook
from tests.server.decoder.pools import BOOK, MEBIBYTE, PICTURE
from tests.support.files.file_formats import every_format
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, page

pytestmark = pytest.mark.slow
FILES = dict(every_format(Image.fromarray(page([("Formats", (50, 50))], 800, 600)[:, :, ::-1])))


def test_no_process_is_there_before_one_is_needed_and_then_it_stays(pool):
    assert pool.count() == 0
    assert pool.ask(CountPages(), BOOK).answer == 2
    assert pool.ask(CountPages(), BOOK).answer == 2
    assert pool.count() == 1
    assert pool.resident_bytes() > 0


def test_a_process_that_nobody_needs_any_more_ends(pool, monkeypatch):
    pool.ask(CountPages(), BOOK)
    monkeypatch.setattr("edgeocr.server.decoder.pool._IDLE_SECONDS", 0.0)
    pool.look()
    assert (pool.count(), pool.resident_bytes()) == (0, 0)
    assert pool.restarts == []


def test_a_page_looks_the_same_as_one_that_is_drawn_here(pool):
    there, here = (decoder(DrawPage(1, 1112, 556), BOOK).pixels for decoder in (pool.ask, LOCAL.decode))
    assert there.min() < 128
    assert np.array_equal(there, here)


def test_the_text_of_a_page_comes_with_its_boxes(pool):
    look = pool.ask(LookAtPage(1, 72, with_text=True), BOOK).answer
    assert isinstance(look, PageLook)
    assert (look.width, look.height) == (400, 200)
    (line,) = look.lines
    assert line.text == "Page two"
    assert 38 <= line.left < line.right < 200
    assert 50 < line.top < line.bottom < 90


@pytest.mark.parametrize("looks", [True, False])
def test_a_process_keeps_nothing_of_what_it_opened(pool, looks):
    pages = pdf([PdfPageSpec(image=PICTURE, width=200, height=75)] * 3)
    for number in range(40):
        if looks:
            pool.ask(LookAtPage(number % 3, 72, with_text=True), pages)
        pool.ask(DrawPage(number % 3, 200, 75), pages)
        with pytest.raises(InvalidInput):
            pool.ask(CountPages(), b"%PDF-1.4")
    assert (pool.count(), pool.restarts) == (1, [])
    ((process, _),) = pool._idle
    assert len(os.listdir(f"/proc/{process.pid}/fd")) < 8


@pytest.mark.parametrize("name", FILES)
def test_every_format_is_opened_with_the_memory_that_it_is_accounted_for(pool, name):
    data = FILES[name]
    header = read_header(data)
    if not header.opens_apart:
        return
    request = DecodeImage(header.media_type, header.width, header.height)
    bytes_a_pixel = header.pixel_bytes + header.source_pixel_bytes
    memory_bytes = int(bytes_a_pixel * header.width * header.height) + len(data) + MEBIBYTE
    decoded = pool.ask(request, data, header.patches, memory_bytes=memory_bytes)
    assert np.array_equal(decoded.pixels, LOCAL.decode(request, data, header.patches).pixels)


def test_an_image_comes_out_as_it_went_in(pool):
    data = encoded(PICTURE, ".tiff")
    header = read_header(data)
    decoded = pool.ask(DecodeImage(header.media_type, 400, 150), data, header.patches)
    assert np.array_equal(decoded.pixels, PICTURE)


@pytest.mark.parametrize(
    ("data", "password", "error", "words"),
    [
        (b"%PDF-1.4 and nothing else", "", InvalidInput, "could not be opened"),
        (pdf([PdfPageSpec()], "open"), "", Locked, "needs a password"),
        (pdf([PdfPageSpec()], "open"), "wrong", InvalidInput, "does not open the file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_and_the_process_stays(pool, data, password, error, words):
    with pytest.raises(error, match=words):
        pool.ask(CountPages(password), data)
    assert (pool.count(), pool.restarts) == (1, [])


def test_a_damaged_image_is_distinguished_from_a_whole_one(pool):
    data = encoded(PICTURE, ".tiff")
    with pytest.raises(InvalidInput, match="damaged"):
        pool.ask(DecodeImage("image/tiff", 400, 150), data[:8] + bytes(len(data) - 8))
    with pytest.raises(InvalidInput, match="its size differs"):
        pool.ask(DecodeImage("image/tiff", 399, 150), data)
    assert pool.restarts == []


def test_the_end_of_the_server_ends_all(pool):
    pool.ask(CountPages(), BOOK)
    ((process, _),) = pool._idle
    pool.close()
    assert (pool.count(), process.resident_bytes()) == (0, 0)
