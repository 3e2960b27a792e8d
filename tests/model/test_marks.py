"""Marks on paper, and their runs."""

import numpy as np
import pytest

from edgeocr.model.marks import contrast, paper, runs


@pytest.mark.parametrize(
    ("marks", "expected"),
    [([], []), ([0, 0], []), ([1, 1], [(0, 2)]), ([0, 1, 1, 0, 1], [(1, 3), (4, 5)]), ([1, 0], [(0, 1)])],
)
def test_runs_end_where_marks_or_the_line_do(marks, expected):
    assert runs(np.array(marks, bool)) == expected


def test_dark_and_light_marks_differ_from_their_paper_alike():
    grey = np.full((4, 4), 100, np.uint8)
    grey[0, 0], grey[0, 1] = 30, 255
    assert contrast(grey)[0].tolist() == [70, 155, 0, 0]


@pytest.mark.parametrize("shape", [(1, 1), (2, 1), (3, 3), (4, 5), (40, 60)])
def test_paper_is_the_median_rounded_down(shape):
    random = np.random.default_rng(0)
    for most in (2, 30, 256):
        grey = random.integers(0, most, shape).astype(np.uint8)
        assert paper(grey) == int(np.median(grey))
    assert paper(np.array([[10, 200]], np.uint8)) == 105
    assert paper(np.full(shape, 255, np.uint8)) == 255
