import pytest

from edgeocr.model.geometry.margins import with_margins, within
from edgeocr.model.geometry.polygons import reading_orientation
from edgeocr.model.geometry.pose import LEVEL, Pose
from edgeocr.model.results import Character, ReadText


def box(left, top, width, height):
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def test_a_line_alone_has_margins_on_every_side():
    assert with_margins([box(100, 100, 200, 40)], LEVEL) == [box(96, 96, 208, 48)]


def test_margins_reach_half_way_to_the_next_line():
    upper, lower, right = box(100, 100, 200, 40), box(100, 142, 200, 40), box(304, 100, 90, 40)
    cuts = with_margins([upper, lower, right], LEVEL)
    assert cuts[0] == ((96, 96), (302, 96), (302, 141), (96, 141))
    assert cuts[1] == ((96, 141), (304, 141), (304, 186), (96, 186))
    assert cuts[2][0] == (302, 96)


def test_lines_that_overlap_have_no_margin_between_them():
    upper, lower = with_margins([box(0, 100, 200, 40), box(0, 135, 200, 40)], LEVEL)
    assert upper[2][1] == 140
    assert lower[0][1] == 135


@pytest.mark.parametrize("degrees", [0.0, 90.0])
def test_a_line_that_runs_downwards_keeps_off_its_neighbours_all_the_same(degrees):
    line, neighbour = reading_orientation(box(100, 100, 40, 200)), reading_orientation(box(142, 100, 40, 200))
    cut, _ = with_margins([line, neighbour], Pose(degrees))
    assert cut == ((141, 96), (141, 304), (96, 304), (96, 96))


def test_extents_are_shares_of_the_line_without_its_margins():
    line = box(100, 100, 200, 40)
    (cut,) = with_margins([line], LEVEL)
    read = ReadText("ab", 1.0, (Character("a", 1.0, 0.0, 0.5), Character("b", 1.0, 0.5, 204 / 208)))
    first, second = within(read, line, cut).characters
    assert (first.start, first.end) == (0.0, pytest.approx(0.5))
    assert (second.start, second.end) == (pytest.approx(0.5), pytest.approx(1.0))
