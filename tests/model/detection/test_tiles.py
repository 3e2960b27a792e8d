import numpy as np
import pytest

from edgeocr.model.detection.tiles import CLOSE_SCALE, MOST_MAP_PIXELS, OVERLAP, map_size, tiles
from edgeocr.model.limits import Limits

SIZES = [
    (1920, 1088),
    (416, 7552),
    (3840, 1088),
    (64, 15000 // 32 * 32),
    (4000 // 32 * 32, 4000 // 32 * 32),
    (768, 768),
]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tiles_make_up_the_map_once(width, height):
    said = np.zeros((height, width), int)
    for tile in tiles(width, height, 768 * 768, 32):
        said[tile.down.first : tile.down.last, tile.across.first : tile.across.last] += 1
    assert (said == 1).all()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tiles_are_what_the_network_takes_and_see_beyond_what_is_theirs(width, height):
    for tile in tiles(width, height, 768 * 768, 32):
        assert tile.across.length * tile.down.length <= 768 * 768
        for span, side in ((tile.across, width), (tile.down, height)):
            assert span.length % 32 == 0
            assert span.begin in (0, span.first - OVERLAP // 2)
            assert span.end in (side, span.last + OVERLAP // 2)


def test_a_map_that_one_run_can_see_is_one_tile():
    assert len(tiles(416, 1280, 768 * 768, 32)) == 1


def test_a_map_is_no_larger_than_can_be_held():
    width, height = map_size(9000, 7000, 1.0, 32)
    assert width * height <= 1.02 * MOST_MAP_PIXELS
    assert width / height == pytest.approx(9 / 7, rel=0.02)


@pytest.mark.parametrize("ratio", [0.05, 0.7, 1.0, 20.0])
def test_every_page_that_is_taken_by_default_can_be_looked_at_so_closely_that_nothing_is_missed(ratio):
    width = (Limits().image_pixels * ratio) ** 0.5
    across, down = map_size(round(width), round(width / ratio), 1.0, 32)
    assert across / width == pytest.approx(CLOSE_SCALE, rel=0.02)
    assert down * ratio / width == pytest.approx(CLOSE_SCALE, rel=0.02)
