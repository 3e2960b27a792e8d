"""Marks on paper, and their runs."""

import numpy as np
import pytest

from edgeocr.model.marks import contrast, runs


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
