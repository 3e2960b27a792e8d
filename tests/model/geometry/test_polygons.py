import cv2
import numpy as np
import pytest

from edgeocr.model.geometry import polygons
from edgeocr.model.geometry.pose import Pose
from tests.support.rendering import line


def box(left, top, width, height):
    return (left, top), (left + width, top), (left + width, top + height), (left, top + height)


def test_a_tall_line_is_read_downwards():
    polygon = polygons.reading_orientation(box(10, 20, 30, 200))
    assert polygon[0] == (40, 20)
    assert polygons.line_size(polygon) == (200, 30)


def test_a_short_word_is_not_taken_for_a_tall_line():
    assert polygons.reading_orientation(box(10, 20, 30, 40)) == box(10, 20, 30, 40)


def test_a_page_on_its_side_is_laid_out_along_its_text():
    # Turned clockwise: rows go from right to left, and each from the top down.
    first, second = box(200, 10, 20, 90), box(170, 10, 20, 90)
    laid_out = polygons.laid_out([second, first], Pose(90.0))
    assert laid_out == [(*polygon[1:], polygon[0]) for polygon in (first, second)]


@pytest.mark.parametrize("degrees", [-25, 0, 10])
def test_a_crop_is_upright_however_the_line_is_turned(degrees):
    text = line("upright")
    height, width = text.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[:, 2] += 100
    picture = cv2.warpAffine(text, turn, (width + 200, height + 200), borderValue=(255, 255, 255))
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ turn[:, :2].T + turn[:, 2]
    crop = polygons.crop(picture, tuple(map(tuple, corners)))
    assert np.abs(crop.astype(int) - text).mean() < 12
