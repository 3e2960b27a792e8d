import cv2
import numpy as np
import pytest

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode
from edgeocr.model.recognition.vertical import in_a_row, joined
from edgeocr.model.results import Character, Direction, ReadText
from edgeocr.model.timing import Trace
from tests.support.rendering import columns, line, page

POEM = ("春眠不觉晓处处闻啼鸟", "夜来风雨声花落知多少", "设备清单和测试报告")
CORNERS = ((600, 60), (500, 60), (400, 60))
BROWN, CREAM = (40, 60, 120), (230, 245, 250)


def read(reader, pixels):
    height, width = pixels.shape[:2]
    source = RawImage(np.ascontiguousarray(pixels).tobytes(), PixelFormat.BGR24, width, height)
    *_, done = reader.read(source, Mode.PAGE, Trace())
    return done.page


def box(left, top, width, height):
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


@pytest.mark.parametrize("text", POEM)
@pytest.mark.parametrize("size", [20, 28, 60])
def test_a_column_is_split_into_its_characters(text, size):
    step = round(size * 1.1)
    pixels = columns([(text, (size // 10, 0))], round(1.2 * size), step * len(text) + 20, size)
    column = in_a_row(cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE))
    assert len(column.borders) == len(text) + 1
    middles = (column.borders[1:] + column.borders[:-1]) / 2 * len(pixels)
    # A font's line begins above its characters.
    assert middles == pytest.approx(np.arange(len(text)) * step + middles[0], abs=0.3 * size)


def test_a_crop_without_ink_is_one_cell():
    column = in_a_row(np.full((20, 90, 3), 255, np.uint8))
    assert column.borders.tolist() == [0, 1]
    assert (column.row == 255).all()


def test_extents_in_the_row_become_extents_along_the_column():
    pixels = columns([("测试", (3, 0))], 34, 80)
    column = in_a_row(cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE))
    characters = (Character("测", 1.0, 0.0, 0.5), Character("试", 1.0, 0.5, 1.0))
    first, second = column.read(ReadText("测试", 1.0, characters)).characters
    assert first.end == second.start == column.borders[1]
    assert second.end == column.borders[2]


def test_pieces_of_a_column_become_one():
    pieces = [box(100, 60, 30, 120), box(101, 184, 29, 31), box(99, 210, 32, 80)]
    (whole,) = joined([pieces[2], pieces[0], pieces[1]])
    assert np.abs(np.array(whole) - box(99, 60, 32, 230)).max() < 1


@pytest.mark.parametrize(
    "polygons",
    [
        [box(100, 60, 30, 30), box(100, 92, 30, 30)],
        [box(100, 60, 30, 120), box(100, 230, 30, 120)],
        [box(100, 60, 30, 120), box(100, 182, 200, 30)],
        [box(100, 60, 30, 120), box(132, 60, 30, 120)],
    ],
    ids=["not tall", "far below", "wider", "beside"],
)
def test_what_is_no_piece_of_a_column_stays_apart(polygons):
    assert joined(polygons) == polygons


@pytest.mark.parametrize("inverse", [False, True])
def test_columns_are_read_downwards_and_from_right_to_left(reader, inverse):
    pixels = columns(list(zip(POEM, CORNERS, strict=True)))
    if inverse:
        pixels = np.where(pixels > 127, BROWN, CREAM).astype(np.uint8)
    found = read(reader, pixels)
    assert found.text == "\n".join(POEM)
    assert {one.direction for one in found.lines} == {Direction.VERTICAL}
    assert found.rotation_degrees == 0
    for one, (x, y) in zip(found.lines, CORNERS, strict=True):
        assert one.polygon[0] == pytest.approx((x, y + 9), abs=14)
        assert one.polygon[3][1] > one.polygon[0][1] + 200
        assert one.characters[4].start == pytest.approx(4 / len(one.text), abs=0.07)


def test_a_column_next_to_ordinary_lines_is_read(reader):
    rows = [(text, (60, 60 + 90 * place)) for place, text in enumerate(("Quarterly report 2026", "Total 1284.50"))]
    pixels = np.minimum(page(rows), columns([(POEM[2], (700, 60))]))
    found = {one.text.replace(" ", ""): one.direction for one in read(reader, pixels).lines}
    assert found == {
        "Quarterlyreport2026": Direction.HORIZONTAL,
        "Total1284.50": Direction.HORIZONTAL,
        POEM[2]: Direction.VERTICAL,
    }


@pytest.mark.parametrize("text", ["Printed on its side 2026", "设备清单和测试报告"])
@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE])
def test_a_line_on_its_side_is_no_column(reader, text, turn):
    pixels = page([("Quarterly report of the year", (60, 60)), ("An ordinary line of a page", (60, 160))])
    strip = cv2.rotate(line(text, margin=8), turn)
    pixels[150 : 150 + strip.shape[0], 700 : 700 + strip.shape[1]] = strip
    (found,) = [one for one in read(reader, pixels).lines if one.polygon[0][0] > 600]
    assert found.text.replace(" ", "") == text.replace(" ", "")
    assert found.direction is Direction.HORIZONTAL
