"""What a decoder process may do is enough for every format, and for pages with fonts of the system."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.image import EncodedImage, decode
from edgeocr.model.files.opening.decoder import LOCAL
from edgeocr.model.files.opening.requests import DrawPage
from tests.server.decoder.pools import BOOK, MEBIBYTE
from tests.support.files.file_formats import every_format

pytestmark = pytest.mark.slow


def test_every_format_has_the_same_pixels_as_where_everything_is_allowed(pool):
    picture = Image.fromarray(np.random.default_rng(7).integers(0, 255, (60, 84, 3), np.uint8))
    apart = {name: data for name, data in every_format(picture) if read_header(data).opens_apart}
    assert {name.partition(" ")[0] for name in apart} >= {"tiff", "webp", "gif", "avif", "heic", "jpeg", "pnm"}
    # A slow process is asked again.
    decoder = SimpleNamespace(decode=partial(pool.ask, memory_bytes=100 * MEBIBYTE))
    for name, data in apart.items():
        alone = decode(EncodedImage(data)).pixels
        assert np.array_equal(decode(EncodedImage(data), 1, decoder).pixels, alone), name
    assert pool.restarts == []


def test_pages_are_drawn_with_the_fonts_that_are_there(pool):
    request = DrawPage(0, 400, 200)
    assert np.array_equal(pool.ask(request, BOOK).pixels, LOCAL.decode(request, BOOK).pixels)
