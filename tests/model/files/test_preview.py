import cv2
import numpy as np
import pytest

from edgeocr.model.files.preview import LONGEST_SIDE, preview, preview_bytes
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


@pytest.mark.parametrize("side", [400, LONGEST_SIDE, 2000, 3000])
def test_one_of_noise_takes_no_more_than_is_accounted_for(side):
    pixels = np.random.default_rng(1).integers(0, 256, (1500, 2000, 3), np.uint8)
    picture = Picture(pixels, 2000, 1500)
    made = preview(picture, side)
    width, height = min(side, 2000), round(min(side, 2000) * 0.75)
    assert cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_COLOR).shape[:2] == (height, width)
    scaled = 3 * width * height if side < 2000 else 0
    assert 2 * len(made) + scaled <= preview_bytes(picture, side)
