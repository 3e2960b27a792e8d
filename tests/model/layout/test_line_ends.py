import cv2
import numpy as np
import pytest

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.layout.line_ends import with_ends


def polygon(left, top, right, bottom):
    return (left, top), (right, top), (right, bottom), (left, bottom)


LINE = polygon(200.0, 100.0, 400.0, 130.0)


def extent(page, lines=(LINE,)):
    (left, _), (right, _), _, _ = with_ends(page, AS_IT_IS, lines)[0]
    return left, right


def page(*boxes):
    pixels = np.full((300, 600, 3), 255, np.uint8)
    for left, top, right, bottom in boxes:
        cv2.rectangle(pixels, (left, top), (right - 1, bottom - 1), (0, 0, 0), -1)
    return pixels


def test_a_dash_before_a_line_and_a_stroke_behind_it_belong_to_it():
    assert extent(page((140, 114, 190, 117), (410, 105, 414, 128))) == (140, 414)


@pytest.mark.parametrize(
    "mark",
    [
        (0, 114, 190, 117),
        (180, 20, 184, 280),
        (140, 114, 170, 117),
        (190, 114, 193, 117),
    ],
    ids=["a rule", "a frame", "too far", "dust"],
)
def test_what_is_no_text_does_not(mark):
    assert extent(page(mark)) == (200, 400)


def test_what_is_another_line_s_stays_its_own():
    other = polygon(100.0, 100.0, 185.0, 130.0)
    assert extent(page((140, 104, 184, 126)), (LINE, other)) == (200, 400)


def test_a_mark_between_two_lines_leads_the_second_one():
    second = polygon(440.0, 100.0, 560.0, 130.0)
    pixels = page((412, 106, 432, 126))
    (_, (first_right, _), _, _), ((second_left, _), _, _, _) = with_ends(pixels, AS_IT_IS, (LINE, second))
    assert (first_right, second_left) == (400, 412)


def test_a_column_goes_on_to_its_stop():
    column = polygon(100.0, 20.0, 130.0, 200.0)
    found = with_ends(page((118, 206, 126, 214)), AS_IT_IS, (column,))[0]
    assert max(y for _, y in found) == 214
    assert {x for x, _ in found} == {100, 130}


def test_a_blank_page_and_none_have_nothing_more():
    assert with_ends(page(), AS_IT_IS, (LINE,)) == [LINE]
    assert with_ends(page(), AS_IT_IS, ()) == []
