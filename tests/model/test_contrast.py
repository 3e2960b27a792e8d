"""Dark and faint pages: what is done for them, and that clean ones are left alone."""

import numpy as np
import pytest

from edgeocr.model.contrast import needed
from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode, Preparation
from edgeocr.model.timing import Trace
from edgeocr.results.document import Enhancement
from tests.support.rendering import page

ROWS = ("Quarterly report of the year 2026", "设备清单和测试报告", "Delivered to the northern harbour", "Total 1284.50")
PIXELS = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(ROWS)])
EXPECTED = [text.replace(" ", "") for text in ROWS]

LOOKS = {
    "dark": PIXELS // 8,
    "faint": 255 - (255 - PIXELS) // 8,
    "grey": 100 + PIXELS // 10,
    "inverse": (255 - PIXELS) // 8,
}


def read(reader, pixels, **preparation):
    height, width = pixels.shape[:2]
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, width, height)
    *_, done = reader.read(source, Mode.PAGE, Trace(), preparation=Preparation(**preparation))
    return done.page


def texts(found):
    return [text.text.replace(" ", "") for text in found.lines]


@pytest.mark.parametrize("look", LOOKS)
def test_a_page_without_contrast_is_read_and_says_what_was_done(reader, look):
    found = read(reader, LOOKS[look])
    assert texts(found) == EXPECTED
    assert found.enhancements == (Enhancement.CONTRAST,)


@pytest.mark.parametrize("look", LOOKS)
def test_a_page_without_contrast_is_unchanged_on_request(reader, look):
    assert read(reader, LOOKS[look], enhancement=False).enhancements == ()


@pytest.mark.parametrize("pixels", [PIXELS, 255 - PIXELS, 40 + PIXELS // 4 * 3, page([]), np.zeros_like(PIXELS)])
def test_a_clean_or_empty_page_is_left_alone(pixels):
    assert needed(pixels).enhancements == ()


def test_noise_is_not_made_louder():
    noise = np.random.default_rng(0).normal(30, 1, PIXELS.shape).astype(np.uint8)
    assert needed(noise).enhancements == ()


def test_the_image_as_sent_is_not_changed(reader):
    dark = LOOKS["dark"].copy()
    read(reader, dark)
    assert (dark == LOOKS["dark"]).all()


def test_text_and_paper_become_dark_and_bright():
    tone = needed(LOOKS["grey"])
    pixels = tone.apply(LOOKS["grey"].copy())
    assert (int(pixels.min()), int(pixels.max())) == (0, 255)
