import cv2
import numpy as np
import pytest

from edgeocr.model.files.image import EncodedImage, PixelFormat, RawImage
from edgeocr.model.options import Mode, ReaderSettings
from edgeocr.model.pipeline import Reader
from edgeocr.model.pixels import Picture
from edgeocr.model.results import LineRead, PageRead
from edgeocr.model.timing import Stage, Trace
from tests.support.rendering import encoded, line, page

TEXTS = ("Quarterly report 2026", "设备清单和测试报告", "Total 1284.50")


def read(reader, data, mode, trace=None):
    return list(reader.read(EncodedImage(data), mode, trace or Trace()))


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_is_read(reader, text):
    *_, done = read(reader, encoded(line(text)), Mode.LINE)
    assert done.page.text.replace(" ", "") == text.replace(" ", "")
    assert done.page.lines[0].confidence > 0.8


def test_a_page_yields_its_lines_before_the_page_and_in_reading_order(reader):
    pixels = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(TEXTS)])
    *lines, done = read(reader, encoded(pixels), Mode.PAGE)
    assert all(isinstance(event, LineRead) for event in lines)
    assert isinstance(done, PageRead)
    assert [text.replace(" ", "") for text in done.page.text.split("\n")] == [text.replace(" ", "") for text in TEXTS]
    assert sorted(lines, key=lambda event: event.line_index) == [
        LineRead(0, index, read_line) for index, read_line in enumerate(done.page.lines)
    ]
    assert (done.page.width, done.page.height) == (800, 600)


def test_polygons_surround_the_text_where_it_stands(reader):
    *_, done = read(reader, encoded(page([("Here it is", (300, 400))])), Mode.PAGE)
    (found,) = done.page.lines
    assert found.polygon[0] == pytest.approx((300, 405), abs=12)
    assert found.polygon[2][0] == pytest.approx(430, abs=20)


def test_the_extents_of_characters_follow_the_text(reader):
    *_, done = read(reader, encoded(line("ABCDEFGH")), Mode.LINE)
    starts = [character.start for character in done.page.lines[0].characters]
    assert starts == sorted(starts)
    assert starts[4] == pytest.approx(0.5, abs=0.08)


def test_a_blank_page_has_no_lines(reader):
    *lines, done = read(reader, encoded(page([])), Mode.PAGE)
    assert lines == []
    assert done.page.lines == ()


def test_an_image_read_after_another_is_not_mixed_with_it(reader):
    long, short = encoded(line("The first image is quite a bit longer than")), encoded(line("this"))
    read(reader, long, Mode.LINE)
    *_, done = read(reader, short, Mode.LINE)
    assert done.page.text == "this"


@pytest.mark.parametrize("size", [(4, 4), (400, 4), (4, 500), (9, 31)])
def test_odd_sizes_are_read_without_an_error(reader, size):
    width, height = size
    raw = RawImage(bytes(width * height), PixelFormat.GREY8, width, height)
    for mode in Mode:
        *_, done = reader.read(raw, mode, Trace())
        assert (done.page.width, done.page.height) == size


def test_a_trace_says_stages_and_batches(reader):
    trace = Trace()
    read(reader, encoded(page([(text, (60, 60 + 90 * place)) for place, text in enumerate(TEXTS)])), Mode.PAGE, trace)
    assert all(trace.seconds[stage] > 0 for stage in Stage)
    assert sum(trace.batches) == len(TEXTS)


def test_a_reduced_page_has_the_same_lines_where_they_stand_in_the_image_as_sent(reader):
    pixels = cv2.resize(page([(text, (60, 60 + 90 * place)) for place, text in enumerate(TEXTS)]), (1600, 1200))
    whole, reduced = (
        reader.find(reader.decode(EncodedImage(encoded(pixels, ".jpg")), reduction, Trace()), Mode.PAGE, Trace())
        for reduction in (1, 2)
    )
    assert reduced.picture.pixels.shape == (600, 800, 3)
    done = reduced.page(reader.lines(reduced, Trace()))
    assert [found.text.replace(" ", "") for found in done.lines] == [text.replace(" ", "") for text in TEXTS]
    assert (done.width, done.height, done.reduction) == (1600, 1200, 2)
    for place, found in enumerate(done.lines):
        assert np.abs(np.subtract(found.polygon, whole.polygons[place])).max() < 16


def test_batches_hold_no_more_columns_than_asked_for_and_every_line_that_is_not_known_once(reader):
    pixels = page([(f"Line {number}", (50, 40 * number)) for number in range(14)])
    detected = reader.find(Picture(pixels, 800, 600), Mode.PAGE, Trace())
    for most in (1, 640, 1280):
        batches = reader.batches(detected, most)
        assert sorted([*detected.known, *(place for batch in batches for place in batch.lines)]) == list(range(14))
        assert all(len(batch.lines) == 1 or len(batch.lines) * batch.bucket <= most for batch in batches)
    assert len(reader.batches(detected, 1)) == 14 - len(detected.known) > len(reader.batches(detected, 1280))


@pytest.mark.parametrize(("least", "count"), [(0.0, 3), (1.0, 0)])
def test_lines_of_a_page_that_are_read_too_unsurely_are_left_out_and_single_lines_are_not(models, least, count):
    reader = Reader(models, ReaderSettings(least_confidence=least))
    pixels = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(TEXTS)])
    *_, done = read(reader, encoded(pixels), Mode.PAGE)
    assert len(done.page.lines) == count
    *_, done = read(reader, encoded(line(TEXTS[0])), Mode.LINE)
    assert len(done.page.lines) == 1
