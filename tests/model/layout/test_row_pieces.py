import pytest

from edgeocr.model.layout.row_pieces import put_together


def piece(left, right, top=0, height=30):
    return (left, top), (right, top), (right, top + height), (left, top + height)


def test_pieces_that_overlap_are_one_line():
    assert put_together([piece(0, 120), piece(100, 300), piece(285, 340)]) == [(piece(0, 340), (0, 1, 2))]


@pytest.mark.parametrize(
    "other",
    [
        piece(120, 300),
        piece(100, 300, 15),
        piece(100, 300, 0, 60),
        piece(20, 110),
    ],
    ids=["beside", "lower", "larger", "within"],
)
def test_others_stay_apart(other):
    lines = [piece(0, 120), other]
    assert put_together(lines) == [(line, (place,)) for place, line in enumerate(lines)]


def test_columns_whose_lines_overlap_in_row_after_row_stay_apart():
    lines = [one for row in range(5) for one in (piece(0, 120 + row, 40 * row), piece(105 + row, 300, 40 * row))]
    assert [line for line, _ in put_together(lines)] == lines


def test_no_lines_are_none():
    assert put_together([]) == []


STOP = (112, 18), (124, 18), (124, 28), (112, 28)


def test_a_stop_that_overlaps_the_end_of_its_line_is_part_of_it():
    assert put_together([STOP, piece(0, 118)]) == [(piece(0, 124), (1, 0))]
    assert put_together([piece(118, 300), STOP]) == [(piece(112, 300), (0, 1))]


@pytest.mark.parametrize("line", [piece(0, 110), piece(0, 118, 40), piece(0, 118, 14, 14), piece(0, 300)])
def test_a_stop_next_to_or_within_a_line_stays_apart(line):
    assert [one for one, _ in put_together([STOP, line])] == [STOP, line]
