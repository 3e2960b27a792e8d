import numpy as np
import pytest

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.detection.detail import find_lines, run_bytes
from edgeocr.model.detection.detector import Detector
from tests.support.rendering import page

SENTENCE = "The committee still has to agree"


@pytest.fixture
def detector(models):
    return Detector(models.detector, models.manifest.detector)


def column(left, count, pitch, text=SENTENCE):
    return [(f"{number} {text}", (left, 30 + number * pitch)) for number in range(count)]


def found_at(polygons, lines, size):
    """How many texts, by their left top corners, have a line of about their height that begins there."""
    corners = np.array([np.min(polygon, axis=0) for polygon in polygons])
    heights = np.array([np.ptp([y for _, y in polygon]) for polygon in polygons])
    near = [(np.abs(corners - (x, y + size / 4)).max(1) < size) & (heights < 2 * size) for _, (x, y) in lines]
    return sum(bool(there.any()) for there in near)


def test_a_capture_many_screens_long_has_all_of_its_lines(detector):
    lines = column(40, 100, 52)
    found = find_lines(detector, page(lines, width=700, height=5300), AS_IT_IS)
    assert found.is_close
    assert found_at(found.polygons, lines, 28) == len(lines) == len(found.polygons)


def test_small_print_on_a_large_page_has_all_of_its_lines(detector):
    lines = [*column(60, 20, 24), *column(3000, 20, 24)]
    found = find_lines(detector, page(lines, width=3600, height=900, size=14), AS_IT_IS)
    assert found_at(found.polygons, lines, 14) == len(lines) == len(found.polygons)


def test_a_large_heading_above_small_print_is_one_line(detector):
    lines = [*column(100, 12, 24), *column(1400, 12, 24)]
    pixels = page(lines, width=3200, height=1500, size=14)
    pixels[900:1300] = page([("Heading", (300, 40))], width=3200, height=400, size=240)
    found = find_lines(detector, pixels, AS_IT_IS)
    large = [polygon for polygon in found.polygons if min(y for _, y in polygon) > 800]
    assert len(large) == 1
    assert found_at(found.polygons, lines, 14) == len(lines)


def test_a_page_that_one_look_shows_is_looked_at_once(detector, monkeypatch):
    monkeypatch.setattr(detector, "find_in_tiles", None)
    found = find_lines(detector, page(column(100, 20, 80), width=2000, height=1800, size=44), AS_IT_IS)
    assert not found.is_close
    assert len(found.polygons) == 20


def test_paper_costs_nothing_more(detector, monkeypatch):
    monkeypatch.setattr(detector, "find_at", None)
    assert find_lines(detector, page([], width=4000, height=3000), AS_IT_IS).polygons == []


def test_what_a_closer_look_takes_is_bounded(models):
    spec = models.manifest.detector
    whole = spec.run_bytes_per_pixel * spec.longest_side**2
    assert run_bytes(spec, 900, 700) < whole
    # A map of at most 28 million pixels is held beside one tile.
    assert run_bytes(spec, 1080, 19860) < run_bytes(spec, 9000, 7000) <= whole + 28.6e6


def test_fine_print_is_cut_as_tall_as_it_is(detector):
    lines = column(100, 40, 40)
    found = find_lines(detector, page(lines, width=2480, height=1800, size=24), AS_IT_IS)
    heights = [np.ptp([y for _, y in polygon]) for polygon in found.polygons]
    assert len(heights) == 40
    assert np.median(heights) < 1.25 * 24
