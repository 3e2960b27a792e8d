"""Ruled tables: their cells, spans and lines, on pages as they come."""

import cv2
import numpy as np
import pytest

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.options import Mode, Preparation
from edgeocr.model.results import PageRead
from edgeocr.model.timing import Trace
from tests.support.rendering import encoded, page, table

XS, YS = (60, 260, 460, 660), (80, 140, 200, 260)
NAMES = ("Item", "Count", "Price", "Notebook", "4", "14.00", "Fountain pen", "1", "18.90")
PLAIN = {(place // 3, place % 3): name for place, name in enumerate(NAMES)}


def read(reader, pixels, **preparation):
    *_, done = reader.read(EncodedImage(encoded(pixels)), Mode.PAGE, Trace(), preparation=Preparation(**preparation))
    assert isinstance(done, PageRead)
    return done.page


def cells(found, number=0):
    """(row, column, rows, columns) and text, without spaces, of a page's table."""
    return {
        (cell.row, cell.column, cell.row_span, cell.column_span): "".join(
            found.lines[place].text for place in cell.lines
        ).replace(" ", "")
        for cell in found.tables[number].cells
    }


def expected(texts):
    return {(row, column, 1, 1): text.replace(" ", "") for (row, column), text in texts.items()}


def turned(pixels, degrees):
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))


def test_a_plain_grid_has_its_cells(reader):
    found = read(reader, table(XS, YS, PLAIN))
    assert cells(found) == expected(PLAIN)
    assert found.text.split("\n") == [
        "Item          Count  Price",
        "Notebook      4      14.00",
        "Fountain pen  1      18.90",
    ]


def test_polygons_are_where_the_borders_are(reader):
    (found,) = read(reader, table(XS, YS, PLAIN)).tables
    assert np.abs(np.subtract(found.polygon, [(60, 80), (660, 80), (660, 260), (60, 260)])).max() < 5
    middle = next(cell for cell in found.cells if (cell.row, cell.column) == (1, 1))
    assert np.abs(np.subtract(middle.polygon, [(260, 140), (460, 140), (460, 200), (260, 200)])).max() < 5


@pytest.mark.parametrize("degrees", [3, -3])
def test_a_skewed_table_has_the_same_cells_where_they_are(reader, degrees):
    found = read(reader, turned(table(XS, YS, PLAIN), degrees))
    assert cells(found) == expected(PLAIN)
    corner = cv2.getRotationMatrix2D((400, 300), -degrees, 1.0) @ (60, 80, 1)
    assert np.abs(np.subtract(found.tables[0].polygon[0], corner)).max() < 8


@pytest.mark.parametrize("code", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_turned_table_has_the_same_cells(reader, code):
    texts = {**PLAIN, (0, 0): "What is bought", (0, 1): "How many of it", (0, 2): "Price of all"}
    assert cells(read(reader, np.ascontiguousarray(cv2.rotate(table(XS, YS, texts), code)))) == expected(texts)


def test_cells_may_span_rows_and_columns(reader):
    texts = {
        (0, 0): "Month",
        (0, 1): "Amounts",
        (1, 1): "Paid",
        (1, 2): "Open",
        (2, 0): "May",
        (2, 1): "12",
        (2, 2): "30",
    }
    found = read(reader, table(XS, YS, texts, {(0, 0): (2, 1), (0, 1): (1, 2)}))
    assert (found.tables[0].rows, found.tables[0].columns) == (3, 3)
    assert cells(found) == {
        (0, 0, 2, 1): "Month",
        (0, 1, 1, 2): "Amounts",
        (1, 1, 1, 1): "Paid",
        (1, 2, 1, 1): "Open",
        (2, 0, 1, 1): "May",
        (2, 1, 1, 1): "12",
        (2, 2, 1, 1): "30",
    }


def test_cells_may_be_empty(reader):
    texts = {place: text for place, text in PLAIN.items() if place not in {(1, 1), (2, 2)}}
    assert cells(read(reader, table(XS, YS, texts))) == {**expected(PLAIN), (1, 1, 1, 1): "", (2, 2, 1, 1): ""}


def test_cells_hold_what_the_detector_took_for_one_line(reader):
    xs, ys = (60, 130, 190, 250), (80, 120, 160, 200)
    texts = {(row, column): f"{row}{column}{row}{column}" for row in range(3) for column in range(3)}
    assert cells(read(reader, table(xs, ys, texts, size=22))) == expected(texts)


def test_a_table_next_to_text_is_read_apart_from_it(reader):
    words = (
        "Prices hold for a year",
        "from the day of order.",
        "They are net of tax,",
        "and of what it costs",
        "to send the goods.",
    )
    text = page([(line, (40, 80 + 40 * number)) for number, line in enumerate(words)], size=24)
    xs, ys = (420, 540, 660, 780), (80, 130, 180, 230)
    texts = {(row, column): f"{row + 1}{column + 1}.50" for row in range(3) for column in range(3)}
    found = read(reader, table(xs, ys, texts, on=text))
    assert cells(found) == expected(texts)
    read_words = [line.text.replace(" ", "") for line in found.lines]
    assert read_words == [*(line.replace(" ", "") for line in words), *texts.values()]
    assert found.text.count("\n\n") == 1


def test_tables_can_be_left_out(reader):
    found = read(reader, table(XS, YS, PLAIN), tables=False)
    assert found.tables == ()
    assert len(found.lines) == 9


def test_a_window_with_a_sign_is_no_table(reader):
    pixels = table((50, 250, 450, 650), (50, 200, 350, 500), {})
    pixels = page([("OPEN", (320, 250)), ("Bakery and more since 1921", (150, 540))], size=40) & pixels
    assert read(reader, pixels).tables == ()


def test_a_frame_and_underlines_are_no_table(reader):
    texts = [(f"Line {number} of a form", (100, 80 + 60 * number)) for number in range(6)]
    pixels = page(texts)
    cv2.rectangle(pixels, (40, 40), (760, 560), (0, 0, 0), 2)
    for number in range(6):
        cv2.line(pixels, (100, 120 + 60 * number), (500, 120 + 60 * number), (0, 0, 0), 2)
    assert read(reader, pixels).tables == ()


def test_a_table_on_a_dark_page_is_found(reader):
    assert cells(read(reader, np.asarray(table(XS, YS, PLAIN) * np.float32(0.3), np.uint8))) == expected(PLAIN)


def test_a_texture_of_strokes_is_no_table(reader):
    pixels = page([("Woven", (300, 250))], size=60)
    pixels[::4, :] = 0
    pixels[:, ::36] = 255
    assert read(reader, pixels).tables == ()
