"""Images that are sent as one line, with and without margins, on grounds of all kinds, and with more lines than one."""

import numpy as np
import pytest

from edgeocr.model.detection.line_image import text_rows
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.options import Mode
from edgeocr.model.timing import Trace
from tests.support.rendering import encoded, line

TEXT = "Invoice 2026 总计 1284.50"


class NoDetector:
    """A detector that must not be asked."""


def cut(image):
    (polygon,) = text_rows(NoDetector(), image)
    return polygon


def texts(reader, image):
    *_, done = reader.read(EncodedImage(encoded(image)), Mode.LINE, Trace())
    return [found.text for found in done.page.lines]


def with_margins(image, above, right, below, left, colour=255):
    return np.pad(image, ((above, below), (left, right), (0, 0)), constant_values=colour)


@pytest.mark.parametrize("sides", [(60, 60, 60, 60), (0, 0, 90, 0), (90, 0, 0, 200), (20, 300, 20, 0)])
def test_margins_around_a_line_change_nothing_of_its_text(reader, sides):
    assert texts(reader, with_margins(line(TEXT), *sides)) == texts(reader, line(TEXT))


def test_margins_are_left_out_on_dark_ground_as_well(reader):
    dark = 255 - line(TEXT)
    assert texts(reader, with_margins(dark, 70, 70, 70, 70, colour=0)) == texts(reader, dark)


def test_grain_in_the_margins_is_no_text():
    grain = np.random.default_rng(1).integers(-6, 7, (188, 500, 3))
    image = np.full((188, 500, 3), 240)
    image[80:108, 100:300] = 30
    image[90:98, 110:290] = 240
    (left, top), _, (right, bottom), _ = cut(np.clip(image + grain, 0, 255).astype(np.uint8))
    assert (left, top, right, bottom) == pytest.approx((100, 80, 300, 108), abs=6)


def test_a_line_that_fills_its_image_stays_as_it_is():
    image = line(TEXT)
    rows = np.flatnonzero((image < 128).any(axis=(1, 2)))
    tight = image[rows[0] : rows[-1] + 1]
    height, width = tight.shape[:2]
    assert cut(tight) == ((0, 0), (width, 0), (width, height), (0, height))


@pytest.mark.parametrize("text", ["-", "--", "- -", "一", "二", "...", "……"])
def test_dots_and_dashes_alone_are_recognised_by_their_place_in_the_line(reader, text):
    image = line(text)
    height, width = image.shape[:2]
    assert cut(image) == ((0, 0), (width, 0), (width, height), (0, height))
    if text in ("-", "--", "一", "二"):
        # Dots are read as another character that looks the same.
        assert texts(reader, image) == [text]


def test_what_does_not_stand_out_stays_as_it_is():
    noise = np.random.default_rng(1).integers(0, 255, (60, 300, 3)).astype(np.uint8)
    for image in (noise, np.full((60, 300, 3), 200, np.uint8)):
        assert cut(image) == ((0, 0), (300, 0), (300, 60), (0, 60))


def test_a_large_image_is_cut_as_a_small_one_is():
    image = np.full((3000, 4000, 3), 255, np.uint8)
    image[1200:1500, 800:3200] = 0
    image[1300:1400, 900:3100] = 255
    (left, top), _, (right, bottom), _ = cut(image)
    assert (left, top, right, bottom) == pytest.approx((776, 1176, 3224, 1524), abs=20)


def stacked(first, second):
    """Two lines, one below the other."""
    width = max(first.shape[1], second.shape[1])
    return np.concatenate([with_margins(part, 6, width - part.shape[1], 6, 0) for part in (first, second)])


@pytest.mark.parametrize("size", [28, 14])
def test_two_lines_are_read_one_after_the_other(reader, size):
    both = stacked(line("The first line"), line("第二行文字", size=size))
    assert texts(reader, both) == ["The first line", "第二行文字"]


def test_the_lines_of_an_image_are_rows_of_their_own(reader):
    *_, done = reader.read(EncodedImage(encoded(stacked(line("One"), line("Two")))), Mode.LINE, Trace())
    assert [(found.row, found.text) for found in done.page.lines] == [(0, "One"), (1, "Two")]


def test_the_polygon_says_where_in_the_image_the_line_is(reader):
    image = with_margins(line("Somewhere"), 100, 0, 50, 200)
    *_, done = reader.read(EncodedImage(encoded(image)), Mode.LINE, Trace())
    (found,) = done.page.lines
    (left, top), (_, bottom) = found.polygon[0], found.polygon[2]
    assert 190 <= left <= 215
    assert 95 <= top < bottom <= image.shape[0] - 45
