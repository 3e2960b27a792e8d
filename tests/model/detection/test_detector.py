import cv2
import numpy as np
import pytest

from edgeocr.model.detection.detector import Detector
from tests.support.rendering import page

PLACES = {"Quarterly report 2026": (60, 60), "设备清单和测试报告": (300, 200), "Total 1284.50": (500, 420)}


@pytest.fixture
def detector(models):
    return Detector(models.detector, models.manifest.detector)


def middles(polygons):
    return sorted(tuple(np.mean(polygon, axis=0).round()) for polygon in polygons)


@pytest.mark.parametrize("inverse", [False, True])
def test_lines_are_found_where_they_stand(detector, inverse):
    pixels = page(list(PLACES.items()))
    found = detector.find(255 - pixels if inverse else pixels)
    assert len(found) == len(PLACES)
    for x, y in PLACES.values():
        assert any(abs(p[0][0] - x) < 15 and abs(p[0][1] - y) < 20 for p in found)


@pytest.mark.parametrize("factor", [0.75, 2.0])
def test_a_page_of_another_size_has_its_lines_at_the_same_places(detector, factor):
    pixels = page(list(PLACES.items()))
    resized = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    expected = np.array(middles(detector.find(pixels))) * factor
    assert np.array(middles(detector.find(resized))) == pytest.approx(expected, abs=8 * factor)


def test_a_page_after_a_larger_one_is_not_mixed_with_it(detector):
    small = page([("Here it is", (20, 20))], width=200, height=100)
    alone = detector.find(small)
    detector.find(page(list(PLACES.items())))
    assert detector.find(small) == alone


def test_neither_paper_nor_noise_has_lines(detector):
    assert detector.find(page([])) == []
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)
    assert detector.find(noise) == []
