import cv2
import numpy as np
import pytest

from edgeocr.model.detection import postprocess
from edgeocr.model.geometry.polygons import scaled


def text_map(*rectangles, probability=0.9, shape=(120, 200)):
    """Probabilities, 0–255, with filled rotated rectangles ((x, y), (width, height), degrees)."""
    probabilities = np.zeros(shape, np.uint8)
    for rectangle in rectangles:
        cv2.fillPoly(probabilities, [np.rint(cv2.boxPoints(rectangle)).astype(np.int32)], (round(probability * 255),))
    return probabilities


def test_a_region_grows_back_by_its_area_over_its_perimeter():
    (polygon,) = postprocess.polygons(text_map(((100, 60), (80, 12), 0)), 0.3, 0.6, 1.5)
    (left, top), _, (right, bottom), _ = polygon
    grow = 80 * 12 * 1.5 / (2 * (80 + 12))
    assert (left, top) == pytest.approx((60 - grow, 54 - grow), abs=1.5)
    assert (right, bottom) == pytest.approx((140 + grow, 66 + grow), abs=1.5)


def test_a_turned_region_gives_a_turned_polygon_in_reading_orientation():
    (polygon,) = postprocess.polygons(text_map(((100, 60), (90, 12), 20)), 0.3, 0.6, 1.5)
    top_left, top_right, bottom_right, bottom_left = polygon
    angle = np.degrees(np.arctan2(top_right[1] - top_left[1], top_right[0] - top_left[0]))
    assert angle == pytest.approx(20, abs=2)
    assert bottom_left[1] > top_left[1]
    assert bottom_right[0] > bottom_left[0]


def test_faint_and_thin_regions_are_no_lines():
    assert postprocess.polygons(text_map(((100, 60), (80, 12), 0), probability=0.5), 0.3, 0.6, 1.5) == []
    assert postprocess.polygons(text_map(((100, 60), (80, 1), 0)), 0.3, 0.6, 1.5) == []


def test_neighbouring_lines_stay_apart():
    assert len(postprocess.polygons(text_map(((100, 40), (80, 10), 0), ((100, 70), (80, 10), 0)), 0.3, 0.6, 1.5)) == 2


def test_scaling_keeps_a_polygon_inside_the_image():
    polygon = ((-2.0, 1.0), (50.0, 1.0), (50.0, 30.0), (-2.0, 30.0))
    assert scaled(polygon, 2.0, 3.0, 90, 80) == ((0.0, 3.0), (90.0, 3.0), (90.0, 80.0), (0.0, 80.0))


def test_a_rectangle_grows_by_the_same_distance_on_every_side_however_it_is_turned():
    for degrees in (0, 20, 70):
        (polygon,) = postprocess.polygons(text_map(((100, 60), (80, 16), degrees)), 0.3, 0.6, 1.5)
        grow = 80 * 16 * 1.5 / (80 + 16)
        sides = sorted(np.linalg.norm(np.subtract(polygon[place], polygon[place + 1])) for place in range(2))
        assert sides == pytest.approx([16 + grow, 80 + grow], abs=3)
