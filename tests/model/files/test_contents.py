"""Files on disk are read as those in memory are, and leave nothing."""

import os

import cv2
import numpy as np
import pytest
from PIL import Image

from edgeocr.model.files.contents import StoredFile
from edgeocr.model.files.document import open_document
from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.headers.jpeg import is_whole_jpeg
from edgeocr.model.files.image import EncodedImage, decode, inspect
from edgeocr.model.files.opening.decoder import copied_bytes, opened
from edgeocr.model.files.pdf import draw
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from tests.support.files.documents import text_page, tiff
from tests.support.files.file_formats import every_format
from tests.support.files.hostile import scans_jpeg
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import line

PICTURE = Image.fromarray(cv2.cvtColor(line("on disk"), cv2.COLOR_BGR2RGB))
LIMITS = Limits()


@pytest.fixture
def stored(tmp_path):
    """Puts bytes on disk."""

    def put(data):
        file = StoredFile(os.open(tmp_path, os.O_TMPFILE | os.O_RDWR))
        file.append(data[: len(data) // 3])
        file.append(data[len(data) // 3 :])
        return file

    return put


@pytest.mark.parametrize(("name", "data"), [*every_format(PICTURE)])
def test_every_format_is_the_same_on_disk(stored, name, data):
    file = stored(data)
    header = inspect(EncodedImage(data), Mode.LINE, LIMITS)
    assert inspect(EncodedImage(file), Mode.LINE, LIMITS) == header
    assert np.array_equal(decode(EncodedImage(file)).pixels, decode(EncodedImage(data)).pixels)
    assert copied_bytes(data, header) == len(data)
    assert copied_bytes(file, header) == (
        len(data) if name.startswith(("webp", "jpeg 2000", "avif", "heic")) or header.patches else 0
    )


@pytest.mark.parametrize("place", [slice(0, 5), slice(3, 400), slice(90, 100), slice(2, 1), 0, 97, slice(120, 130)])
def test_parts_are_those_of_the_bytes(stored, place):
    data = bytes(range(98))
    assert stored(data)[place] == data[place]
    assert len(stored(data)) == 98


@pytest.mark.parametrize("cut", [0, 3])
def test_a_jpeg_of_many_scans_is_distinguished_from_one_that_is_cut_off(stored, cut):
    data = scans_jpeg(640, 480, 40)
    data = data[: len(data) - cut]
    assert is_whole_jpeg(stored(data)) == is_whole_jpeg(data) == (cut == 0)


def test_every_page_of_a_document_is_the_same_on_disk(stored):
    data = tiff([text_page("Alpha"), text_page("Bravo")])
    document = open_document(EncodedImage(stored(data)), ALL_PAGES, LIMITS)
    for index in range(document.count()):
        source, _ = document.page(index, Mode.PAGE)
        assert np.array_equal(decode(source).pixels, decode(EncodedImage(data, index)).pixels)


def test_a_pdf_on_disk_is_drawn(stored):
    data = pdf([PdfPageSpec(image=line("hello there"), width=600, height=60)])
    drawn = []
    for contents in (data, stored(data)):
        document = open_document(EncodedImage(contents), ALL_PAGES, LIMITS)
        assert document.count() == 1
        page, _ = document.page(0, Mode.PAGE)
        drawn.append(draw(page, 1).pixels)
    assert np.array_equal(*drawn)


def test_a_process_that_opens_one_cannot_change_it(stored):
    descriptor = opened(stored(b"as it is"))
    try:
        assert os.read(descriptor, 100) == b"as it is"
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
        with pytest.raises(OSError, match="Invalid argument"):
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def test_it_is_gone_with_the_last_who_has_it(stored, tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    file = stored(b"gone soon")
    assert not list(tmp_path.iterdir())
    assert len(os.listdir("/proc/self/fd")) == before + 1
    del file
    assert len(os.listdir("/proc/self/fd")) == before
