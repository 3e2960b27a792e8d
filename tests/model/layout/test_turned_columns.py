"""Columns and tables on pages that are sent turned: what is read is what the upright page says, in its order."""

import cv2
import numpy as np
import pytest

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode, Reading
from edgeocr.model.pipeline import Reader
from edgeocr.model.timing import Trace
from tests.support.rendering import page, table

pytestmark = pytest.mark.slow

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

ENGLISH = (
    "The wall was raised by two metres",
    "in the spring, and all the ferries",
    "were moved to the northern pier.",
    "Nobody had asked the fishermen.",
    "They learned of it from a notice",
    "on the door of the old ice house,",
    "in letters so small that most took",
    "it for an advertisement and left.",
    "When the first storm came, the",
    "water stood as high as the sills",
    "of the lower street, but it went",
    "no further, and what had been said",
    "against the wall was not repeated.",
    "Since then the harbour has been",
    "quiet, and the old pier is a place",
    "where people go for their walks.",
    "It has a bench and a small kiosk,",
    "which is open on Sunday afternoons.",
)
CHINESE = (
    "港口的防波堤在那年春天",
    "加高了两米渡船改在北边",
    "的码头停靠没有人问过渔",
    "民的意见他们是从冰库门",
    "口的告示上知道这件事的",
    "字写得那么小多数人以为",
    "是广告就走过去了第三场",
    "暴风雨来临时海水涨到了",
    "下街的窗台那么高但没有",
    "再往上涨而人们曾经说过",
    "的话也就没有人再提起了",
    "现在码头边有一家小商店",
)


def in_columns(texts, count, left=40, top=120, step=380, size=20):
    """Texts with their places, as many in each column."""
    each = len(texts) // count
    return [
        (text, (left + step * (place // each), top + round(1.6 * size) * (place % each)))
        for place, text in enumerate(texts)
    ]


def two_columns():
    return page(in_columns(ENGLISH, 2), width=800, height=460, size=20)


def three_columns():
    return page(in_columns(ENGLISH, 3), width=1180, height=360, size=20)


def three_columns_that_are_not_level():
    texts = [(text, (x, y + 11 * (x // 380))) for text, (x, y) in in_columns(ENGLISH, 3)]
    return page(texts, width=1180, height=380, size=20)


NARROW = (
    "The harbour wall was",
    "raised by two metres",
    "in the spring of that",
    "year, and the ferries,",
    "which had come in",
    "twice a day since",
    "Nobody had asked the",
    "fishermen. They had",
    "learned of it from a",
    "notice on the door of",
    "the ice house, which",
    "was small and plain.",
    "When the first storm",
    "came, the water stood",
    "as high as the sills",
    "of the lower street,",
    "but it went no further",
    "and was soon gone.",
)


def narrow_columns():
    return page(in_columns(NARROW, 3, step=240), width=760, height=360, size=20)


def heading_over_two_columns():
    texts = [("How a town on the coast changed its mind about the wall", (40, 40))]
    return page(texts + in_columns(ENGLISH, 2), width=800, height=460, size=20)


def chinese_columns():
    return page(in_columns(CHINESE, 2, step=340, size=24), width=720, height=420, size=24)


COLUMNS = {
    make.__name__: make()
    for make in (
        two_columns,
        three_columns,
        three_columns_that_are_not_level,
        narrow_columns,
        heading_over_two_columns,
        chinese_columns,
    )
}


@pytest.fixture(scope="module")
def upright(models):
    """The pages as they are read when they are upright."""
    reader = Reader(models)
    return {name: read(reader, pixels) for name, pixels in {**COLUMNS, "table": table_between_texts()}.items()}


def read(reader, pixels):
    height, width = pixels.shape[:2]
    source = RawImage(np.ascontiguousarray(pixels).tobytes(), PixelFormat.BGR24, width, height)
    # This is about order: the fast recogniser takes a doubled letter of a turned page for one.
    *_, done = reader.read(source, Mode.PAGE, Trace(), reading=Reading.ACCURATE)
    return done.page


def in_turned_image(point, degrees, width, height):
    """Where a point of an upright page lies once that is turned clockwise."""
    x, y = point
    return {90: (height - y, x), 180: (width - x, height - y), 270: (y, width - x)}[degrees]


def without_spaces(text):
    return text.replace(" ", "")


@pytest.mark.parametrize("degrees", TURNS)
@pytest.mark.parametrize("name", COLUMNS)
def test_columns_of_a_turned_page_are_read_as_on_the_upright_one(reader, upright, name, degrees):
    found = read(reader, cv2.rotate(COLUMNS[name], TURNS[degrees]))
    expected = {"chinese_columns": CHINESE, "narrow_columns": NARROW}.get(name, ENGLISH)
    body = [without_spaces(line.text) for line in found.lines][-len(expected) :]
    assert body == [without_spaces(text) for text in expected]
    assert without_spaces(found.text) == without_spaces(upright[name].text)
    assert [(line.row, line.paragraph) for line in found.lines] == [
        (line.row, line.paragraph) for line in upright[name].lines
    ]


@pytest.mark.parametrize("degrees", TURNS)
def test_lines_of_turned_columns_are_where_they_are_in_the_image_as_sent(reader, upright, degrees):
    pixels = COLUMNS["three_columns"]
    height, width = pixels.shape[:2]
    found = read(reader, cv2.rotate(pixels, TURNS[degrees]))
    for one, other in zip(upright["three_columns"].lines, found.lines, strict=True):
        expected = [in_turned_image(point, degrees, width, height) for point in one.polygon]
        assert np.abs(np.subtract(expected, other.polygon)).max() < 10


CELLS = (
    ("Article", "Ordered by", "Amount"),
    ("Notebook", "Anna Berg", "14.00"),
    ("Fountain pen", "John Reed", "18.90"),
)


def table_between_texts():
    """A ruled table with two lines above it and two below."""
    texts = [
        ("Deliveries in the first quarter", (60, 40)),
        ("All of them were sent on time", (60, 76)),
        ("Amounts are in euro, net of tax", (60, 360)),
        ("Nothing of it has been paid yet", (60, 396)),
    ]
    cells = {(row, column): text for row, texts in enumerate(CELLS) for column, text in enumerate(texts)}
    return table((60, 280, 500, 700), (140, 200, 260, 320), cells, on=page(texts, height=480, size=24))


@pytest.mark.parametrize("degrees", TURNS)
def test_a_table_on_a_turned_page_keeps_its_place_among_the_text(reader, upright, degrees):
    pixels = table_between_texts()
    height, width = pixels.shape[:2]
    found = read(reader, cv2.rotate(pixels, TURNS[degrees]))
    assert without_spaces(found.text) == without_spaces(upright["table"].text)
    assert [without_spaces(line.text) for line in found.lines][2:-2] == [
        without_spaces(text) for row in CELLS for text in row
    ]
    assert found.rotation_degrees % 360 == pytest.approx(degrees, abs=0.5)
    (expected,), (turned,) = upright["table"].tables, found.tables
    for one, other in zip(expected.cells, turned.cells, strict=True):
        assert (one.row, one.column, one.row_span, one.column_span, one.lines) == (
            *(other.row, other.column, other.row_span, other.column_span),
            other.lines,
        )
        corners = [in_turned_image(point, degrees, width, height) for point in one.polygon]
        assert np.abs(np.subtract(corners, other.polygon)).max() < 10
