"""Pages as people send them: what is read of them, and where, beside the page as it was."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edgeocr.model.detection import orientation
from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode, Preparation
from edgeocr.model.timing import Trace
from tests.support.rendering import boxed, line, page

pytestmark = pytest.mark.slow

ROWS = (
    "Quarterly report of the year 2026",
    "设备清单和测试报告",
    "Delivered to the northern harbour",
    "Total 1284.50 EUR",
)
PIXELS = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(ROWS)])
TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, -90: cv2.ROTATE_90_COUNTERCLOCKWISE}


def read(reader, pixels, mode=Mode.PAGE, **preparation):
    height, width = pixels.shape[:2]
    source = RawImage(np.ascontiguousarray(pixels).tobytes(), PixelFormat.BGR24, width, height)
    *_, done = reader.read(source, mode, Trace(), preparation=Preparation(**preparation))
    return done.page


def lines_read_to_tell(reader, rows):
    """How many lines of a page are read before the others."""
    pixels = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(rows)])
    height, width = pixels.shape[:2]
    picture = reader.decode(RawImage(pixels.tobytes(), PixelFormat.BGR24, width, height), 1, Trace())
    return len(reader.find(picture, Mode.PAGE, Trace()).known)


def texts(found):
    return [text.text.replace(" ", "") for text in found.lines]


EXPECTED = [text.replace(" ", "") for text in ROWS]


def skewed(pixels, degrees):
    """Turned clockwise on a larger sheet, and what that does to a point."""
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    matrix[:, 2] += 200
    turned = cv2.warpAffine(pixels, matrix, (width + 400, height + 400), borderValue=(255, 255, 255))
    return turned, lambda points: np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turned_page_is_read_like_the_upright_one(reader, degrees):
    found = read(reader, cv2.rotate(PIXELS, TURNS[degrees]))
    assert texts(found) == EXPECTED
    # A half turn is the same either way round.
    assert abs((found.rotation_degrees - degrees + 180) % 360 - 180) < 0.5


@pytest.mark.parametrize("degrees", [90, -90])
def test_rules_that_are_taken_for_lines_do_not_tell_which_way_up_a_page_is(reader, monkeypatch, degrees):
    find_lines = orientation.find_lines

    def with_rules(detector, pixels, tone):
        found = find_lines(detector, pixels, tone)
        height = float(pixels.shape[0])
        rules = [((x, 8.0), (x + 4, 8.0), (x + 4, height - 8), (x, height - 8)) for x in (4.0, 12.0, 20.0)]
        return replace(found, polygons=[*rules, *found.polygons])

    monkeypatch.setattr(orientation, "find_lines", with_rules)
    # Shorter than the rules in their thicknesses.
    rows = ("Total 1284.50", "Paid 1300.00", "Change 15.50", "Thank you", "Come again")
    pixels = page([(text, (60, 60 + 90 * place)) for place, text in enumerate(rows)])
    found = read(reader, cv2.rotate(pixels, TURNS[degrees]))
    assert round(found.rotation_degrees) == degrees
    assert {text.replace(" ", "") for text in rows} <= set(texts(found))


def test_one_plainly_printed_line_says_which_way_up_a_page_is(reader):
    assert lines_read_to_tell(reader, ROWS) == 1


def test_a_line_of_few_characters_does_not_tell_it_alone(reader):
    assert lines_read_to_tell(reader, ("Bread", "Apples", "Cheese", "Coffee")) == 2


@pytest.mark.parametrize("degrees", TURNS)
def test_polygons_of_a_turned_page_begin_at_the_text_in_the_image_as_sent(reader, degrees):
    upright = read(reader, PIXELS)
    height, width = PIXELS.shape[:2]
    back = {
        90: lambda x, y: (height - y, x),
        180: lambda x, y: (width - x, height - y),
        -90: lambda x, y: (y, width - x),
    }[degrees]
    found = read(reader, cv2.rotate(PIXELS, TURNS[degrees]))
    for one, other in zip(upright.lines, found.lines, strict=True):
        assert np.abs(np.array([back(*point) for point in one.polygon]) - other.polygon).max() < 10


@pytest.mark.parametrize("degrees", [-25, -10, -3, 3, 10, 25])
def test_a_skewed_page_is_read_along_its_lines(reader, degrees):
    pixels, place = skewed(PIXELS, degrees)
    found = read(reader, pixels)
    assert texts(found) == EXPECTED
    assert found.rotation_degrees == pytest.approx(degrees, abs=1)
    for one, other in zip(read(reader, PIXELS).lines, found.lines, strict=True):
        assert np.abs(place(one.polygon) - other.polygon).max() < 12


def test_rows_of_a_skewed_page_stay_together(reader):
    names, prices = ("Bread", "Apples", "Cheese", "Coffee"), ("3.20", "4.75", "12.90", "8.15")
    rows = [(name, (40, 60 + 50 * place)) for place, name in enumerate(names)]
    rows += [(price, (640, 60 + 50 * place)) for place, price in enumerate(prices)]
    wide = [("Receipt of the market hall, thank you", (40, 300))]
    found = read(reader, skewed(page(rows + wide), 8)[0])
    assert found.lines[-1].text.startswith("Receipt")
    assert texts(found)[:-1] == [text for row in zip(names, prices, strict=True) for text in row]


def test_rows_of_a_photographed_sheet_stay_together(reader):
    rows = [(f"Item {place}", (40, 30 + 45 * place)) for place in range(12)]
    rows += [(f"{place}4.50", (640, 30 + 45 * place)) for place in range(12)]
    height, width = 600, 800
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(60, 40), (780, 110), (770, 480), (40, 620)], np.float32)
    transform = cv2.getPerspectiveTransform(corners, seen)
    found = read(reader, cv2.warpPerspective(page(rows), transform, (820, 660), borderValue=(255, 255, 255)))
    assert texts(found) == [text for place in range(12) for text in (f"Item{place}", f"{place}4.50")]


def test_a_line_upside_down_on_an_upright_page_is_read(reader):
    pixels = PIXELS.copy()
    strip = line("Printed the other way up", margin=8)[::-1, ::-1]
    pixels[480 : 480 + strip.shape[0], 60 : 60 + strip.shape[1]] = strip
    found = read(reader, pixels)
    assert texts(found) == [*EXPECTED, "Printedtheotherwayup"]
    assert found.rotation_degrees == 0
    assert found.lines[-1].polygon[0] == pytest.approx((60 + strip.shape[1], 480 + strip.shape[0]), abs=14)


def test_a_single_line_upside_down_is_read(reader):
    strip = line("Printed the other way up")
    found = read(reader, strip[::-1, ::-1], Mode.LINE)
    assert found.text == "Printed the other way up"
    assert found.lines[0].polygon[0] == (strip.shape[1], strip.shape[0])


def test_a_page_of_digits_in_dark_boxes_is_not_turned(reader):
    digits = list("0123456789")
    pixels, middles = boxed(digits * 3, size=24, padding=12)
    found = read(reader, pixels)
    assert found.rotation_degrees == 0
    right = 0
    for (x, y), digit in zip(middles, digits * 3, strict=True):
        for text in found.lines:
            (left, top), (low_x, low_y) = np.min(text.polygon, 0), np.max(text.polygon, 0)
            right += text.text == digit and left < x < low_x and top < y < low_y
    assert right >= 24


def test_omitted_steps_are_not_done(reader):
    turned = read(reader, cv2.rotate(PIXELS, cv2.ROTATE_180), orientation=False)
    assert abs(turned.rotation_degrees) < 1
    assert not set(texts(turned)) & set(EXPECTED)
    strip = line("Printed the other way up")[::-1, ::-1]
    assert read(reader, strip, Mode.LINE, orientation=False).text != "Printed the other way up"
    skew = skewed(PIXELS, 5)[0]
    assert read(reader, skew, skew=False).rotation_degrees == 0
    sideways = cv2.rotate(skewed(PIXELS, 5)[0], cv2.ROTATE_90_CLOCKWISE)
    assert read(reader, sideways, skew=False).rotation_degrees == 90
    assert read(reader, sideways, orientation=False).rotation_degrees == pytest.approx(5, abs=1)


def test_an_upright_page_is_read_exactly_as_without_straightening(reader):
    found, plain = read(reader, PIXELS), read(reader, PIXELS, orientation=False, skew=False)
    assert [(one.text, one.polygon) for one in found.lines] == [(one.text, one.polygon) for one in plain.lines]
    assert found.rotation_degrees == 0
