import math

import numpy as np
import pytest

from edgeocr.model.geometry.pose import Pose, axis_degrees, fitted


def line(middle, length, degrees, thickness=20):
    """A line's corners, clockwise, turned clockwise about its middle."""
    radians = math.radians(degrees)
    along = np.array([math.cos(radians), math.sin(radians)]) * length / 2
    down = np.array([-math.sin(radians), math.cos(radians)]) * thickness / 2
    corners = (-along - down, along - down, along + down, -along + down)
    return tuple((float(x), float(y)) for x, y in (corner + middle for corner in corners))


def lines(degrees, count=12):
    return [line((400 + 7 * place, 60 + 50 * place), 300 + 10 * place, degrees) for place in range(count)]


def height(polygon):
    return float(np.mean(polygon, axis=0)[1])


@pytest.mark.parametrize("degrees", [-80.0, -45.0, -10.0, -0.5, 0.0, 3.0, 30.0, 60.0, 90.0])
def test_the_axis_is_that_of_most_text(degrees):
    strays = [line((100, 100), 250, degrees + 90), line((300, 600), 200, degrees + 40)]
    short = [line((50, 50 * place), 25, 71) for place in range(20)]
    assert axis_degrees([*lines(degrees), *strays, *short]) == pytest.approx(degrees, abs=0.2)


def test_without_long_lines_there_is_no_axis():
    assert axis_degrees([]) is None
    assert axis_degrees([line((50, 50), 25, 71)]) is None


def test_a_stray_among_many_short_pieces_is_no_axis():
    short = [line((50 * place, 50), 25, 0) for place in range(30)]
    assert axis_degrees([*short, line((400, 300), 50, 90)]) is None
    assert axis_degrees([*short, line((400, 300), 400, 90)]) == pytest.approx(90)


@pytest.mark.parametrize("degrees", [-170.0, -90.0, -12.0, 4.0, 90.0, 180.0])
def test_what_lies_on_one_line_of_text_is_level_in_the_frame(degrees):
    pose = fitted(lines(degrees), degrees + 2)
    assert pose.degrees == pytest.approx(degrees, abs=0.2)
    assert pose.convergence == 0
    radians = math.radians(degrees)
    left, right = (
        line((400 + reach * math.cos(radians), 400 + reach * math.sin(radians)), 80, degrees) for reach in (-300, 300)
    )
    below = line((400 - 40 * math.sin(radians), 400 + 40 * math.cos(radians)), 80, degrees)
    assert height(pose.levelled(left)) == pytest.approx(height(pose.levelled(right)), abs=1)
    assert height(pose.levelled(below)) - height(pose.levelled(left)) == pytest.approx(40, abs=1)


def test_level_lines_keep_their_coordinates():
    pose = fitted(lines(0.1), 0.1)
    assert pose.is_level
    assert pose.levelled(line((9, 9), 5, 3)) == line((9, 9), 5, 3)


def test_lines_that_run_to_a_vanishing_point_are_level_in_the_frame():
    vanishing = np.array([2600.0, 500.0])
    middles = [np.array([300.0 + 150 * (place % 3), 80.0 + 60 * place]) for place in range(14)]
    slopes = [math.degrees(math.atan2(*(vanishing - middle)[::-1])) for middle in middles]
    pose = fitted([line(middle, 240, slope) for middle, slope in zip(middles, slopes, strict=True)], 0.0)
    for start in ((100.0, 60.0), (100.0, 450.0), (100.0, 900.0)):
        ends = [np.array(start) + share * (vanishing - start) for share in (0.0, 0.3)]
        first, second = (height(pose.levelled(line(end, 40, 0))) for end in ends)
        assert first == pytest.approx(second, abs=4)


def test_a_pose_has_degrees_above_minus_180():
    assert fitted(lines(180.0), 178.0).degrees == pytest.approx(180, abs=0.01)
    assert Pose().is_level
