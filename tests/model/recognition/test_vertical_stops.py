from itertools import permutations

import cv2
import numpy as np
import pytest

from edgeocr.model.recognition.vertical import in_a_row, joined


def box(left, top, right, bottom):
    return (left, top), (right, top), (right, bottom), (left, bottom)


COLUMN = box(100.0, 20.0, 136.0, 300.0)


def test_a_stop_at_the_end_of_a_column_belongs_to_it():
    assert joined([COLUMN, box(124.0, 304.0, 134.0, 314.0)]) == [box(100.0, 20.0, 136.0, 314.0)]


@pytest.mark.parametrize(
    ("marks", "right", "bottom"),
    [
        ([box(124.0, 304.0, 134.0, 316.0), box(126.0, 302.0, 140.0, 308.0)], 140.0, 316.0),
        # A bar with a dot below it is as narrow and tall as a column.
        ([box(126.0, 302.0, 132.0, 322.0), box(128.0, 323.0, 132.0, 327.0)], 132.0, 327.0),
    ],
)
def test_of_several_small_marks_below_a_column_none_is_lost(marks, right, bottom):
    for order in permutations([COLUMN, *marks]):
        corners = [corner for polygon in joined(order) for corner in polygon]
        assert max(x for x, _ in corners) >= right
        assert max(y for _, y in corners) == bottom


def test_what_is_larger_or_further_away_is_no_stop():
    for other in (box(100.0, 340.0, 140.0, 380.0), box(124.0, 340.0, 134.0, 350.0), box(60.0, 304.0, 70.0, 314.0)):
        assert sorted(joined([COLUMN, other])) == sorted([COLUMN, other])


def test_level_lines_have_no_stops_below_them():
    line, dot = box(20.0, 20.0, 300.0, 50.0), box(280.0, 55.0, 288.0, 63.0)
    assert sorted(joined([line, dot])) == sorted([line, dot])


def column(mark, size=40):
    """Two characters and a mark at the upper right of the cell below, as a line's crop that runs downwards."""
    pixels = np.full((4 * size, size, 3), 255, np.uint8)
    for place in range(2):
        pixels[place * size + 4 : (place + 1) * size - 4, 4 : size - 4] = 0
    top, left, side = mark
    pixels[2 * size + top : 2 * size + top + side, left : left + side] = 0
    return np.ascontiguousarray(cv2.rotate(pixels[: 3 * size], cv2.ROTATE_90_COUNTERCLOCKWISE))


def last_cell(line):
    row = in_a_row(line).row
    dark = row[:, -40:, 1] < 128
    return np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))


def test_a_stop_at_the_right_of_its_cell_is_laid_where_a_row_has_it():
    rows, columns = last_cell(column((2, 28, 8)))
    assert columns[-1] < 20
    assert rows[0] > 20


def test_a_mark_in_the_middle_stays_there():
    rows, columns = last_cell(column((16, 15, 8)))
    assert columns.mean() == pytest.approx(19, abs=4)
    assert rows[-1] - rows[0] == 7
