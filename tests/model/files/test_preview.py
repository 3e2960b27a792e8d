import cv2
import numpy as np
import pytest

from edgeocr.model.files.preview import LONGEST_SIDE, preview
from edgeocr.model.pixels import Picture


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((40, 30), (40, 30)),
        ((LONGEST_SIDE, 30), (LONGEST_SIDE, 30)),
        ((2 * LONGEST_SIDE, LONGEST_SIDE), (LONGEST_SIDE, LONGEST_SIDE // 2)),
        ((3, 9 * LONGEST_SIDE), (1, LONGEST_SIDE)),
    ],
)
def test_a_picture_keeps_its_shape_and_is_no_larger_than_it_may_be(size, expected):
    width, height = size
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[: height // 2] = (0, 0, 200)
    found = cv2.imdecode(np.frombuffer(preview(Picture(pixels, width, height)), np.uint8), cv2.IMREAD_COLOR)
    assert (found.shape[1], found.shape[0]) == expected
    assert found[0, 0] == pytest.approx(np.array([0, 0, 200]), abs=12)
    assert found[-1, -1] == pytest.approx(np.array([255, 255, 255]), abs=12)
