import json

import pytest

from edgeocr.model.training.detection.recall import found, holds, order_distance, outline, read_pages, strays


def box(left, top, right, bottom):
    return outline([(left, top), (right, top), (right, bottom), (left, bottom)])


ROW = [box(0, 0, 100, 20), box(110, 0, 200, 20)]
BELOW = box(0, 24, 200, 44)


def test_a_line_is_found_where_it_is_and_nowhere_else():
    assert found([ROW[0]], [box(2, 1, 98, 22)]) == [True]
    assert found([ROW[0]], [box(60, 0, 160, 20)]) == [False]
    assert found([ROW[0]], []) == [False]


def test_a_line_cut_in_two_is_found():
    assert found([BELOW], [box(0, 24, 95, 44), box(105, 24, 200, 44)]) == [True]


def test_half_of_a_line_is_not_enough():
    assert found([BELOW], [box(0, 24, 95, 44)]) == [False]


def test_lines_of_one_row_may_be_merged():
    assert found(ROW, [box(0, 0, 200, 20)]) == [True, True]


def test_two_rows_merged_to_one_are_not_found():
    assert found([*ROW, BELOW], [box(0, 0, 200, 44)]) == [False, False, False]


def test_a_box_around_the_page_finds_nothing():
    assert found([*ROW, BELOW], [box(-200, -200, 500, 500)]) == [False, False, False]


def test_turned_lines_are_compared_as_they_lie():
    turned = outline([(0, 0), (70, 70), (60, 80), (-10, 10)])
    assert found([turned], [turned + 1]) == [True]
    assert found([turned], [outline([(70, 0), (0, 70), (10, 80), (80, 10)])]) == [False]


def test_strays_are_detections_off_the_lines():
    assert strays(ROW, [box(0, 0, 100, 20), box(300, 300, 340, 320), box(90, 0, 400, 20)]) == 2


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("0123456789", True),
        ("012345678x", True),
        ("01234567xx", False),
        ("0 1 2 3 4 5 6 7 8 9", True),
        ("0123456789 0123456789 0123456789 and", True),
    ],
)
def test_a_page_holds_a_line_with_one_edit_in_ten(text, held):
    assert holds(f"before\n{text}\nafter", "0123456789") is held


def test_a_page_holds_a_line_in_other_case_and_over_several_lines():
    assert holds("grand\nTOTAL\n12.50", "Total 12.50")
    assert not holds("", "Total")
    assert not holds("tot", "Total")


@pytest.mark.parametrize(
    ("text", "distance"), [("one\ntwo", 0.0), ("two\none", 1.0), ("one", 0.5), ("", 1.0), ("O n e two!", 1 / 7)]
)
def test_order_is_measured_by_edits_for_each_character(text, distance):
    assert order_distance(text, ["one", "two"]) == pytest.approx(distance)


def test_pages_are_read_from_their_folder(tmp_path):
    rows = [{"image": "images/a.png", "lines": [{"polygon": [0, 0, 8, 0, 8, 4, 0, 4], "text": "text"}]}]
    (tmp_path / "lines.json").write_text(json.dumps(rows))
    (page,) = read_pages(tmp_path)
    assert page.path == tmp_path / "images" / "a.png"
    assert page.lines[0].text == "text"
    assert sorted(map(tuple, page.lines[0].outline.tolist())) == [(0, 0), (0, 4), (8, 0), (8, 4)]
