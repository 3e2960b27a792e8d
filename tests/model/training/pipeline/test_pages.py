import numpy as np
import pytest

from edgeocr.model.training.detection.pages import PageMaker


@pytest.fixture(scope="module")
def pages(maker):
    return [PageMaker(maker, seed=2).page(index, longest_side=320) for index in range(12)]


def test_same_seed_and_index_give_the_same_page(maker, pages):
    again = PageMaker(maker, seed=2).page(3, longest_side=320)
    assert np.array_equal(again.image, pages[3].image)
    assert np.array_equal(again.outlines, pages[3].outlines)


def test_other_seed_gives_other_pages(maker, pages):
    other = PageMaker(maker, seed=3).page(3, longest_side=320)
    assert other.image.shape != pages[3].image.shape or not np.array_equal(other.image, pages[3].image)


def test_pages_have_sides_that_the_network_takes(pages):
    for page in pages:
        assert page.image.dtype == np.uint8
        assert max(page.image.shape[:2]) == 320
        assert all(side % 32 == 0 for side in page.image.shape[:2])


def test_pages_differ_in_looks(pages):
    means = [page.image.mean() for page in pages]
    assert max(means) - min(means) > 60
    assert len({len(page.outlines) for page in pages}) > 4


def test_there_is_ink_where_a_line_is_said_to_be(pages):
    lines = 0
    for page in pages:
        grey = page.image.mean(2)
        for outline in page.outlines:
            (left, top), (right, bottom) = np.floor(outline.min(0)).astype(int), np.ceil(outline.max(0)).astype(int)
            patch = grey[max(top, 0) : bottom + 1, max(left, 0) : right + 1]
            if min(patch.shape, default=0) >= 4:
                lines += 1
                assert np.ptp(patch) > 4
    assert lines > 40
