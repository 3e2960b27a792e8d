import pytest

from edgeocr.model.contrast import AS_IT_IS
from edgeocr.model.layout.corridors import parted_at_gutters
from tests.support.rendering import page

WORDS = ["committee", "still", "of", "has", "change", "the", "meeting", "north", "request", "a", "form", "is"]


def rows(count, gutter):
    """Two columns of rows from 40 to 1440, with a gutter at 740; the texts, and polygons that run across it."""
    texts, polygons = [], []
    for row in range(count):
        top = 40 + 50 * row
        for left in (40, 740 + gutter):
            words = " ".join(WORDS[(5 * row + place) % len(WORDS)] for place in range(12))
            texts.append((words[:46], (left, top)))
        polygons.append(((40.0, top + 4.0), (1440.0, top + 4.0), (1440.0, top + 38.0), (40.0, top + 38.0)))
    return texts, polygons


@pytest.fixture
def two_columns():
    texts, polygons = rows(8, 24)
    pixels = page(texts, width=1480, height=480, size=26)
    pixels[:, 716:740] = 255
    pixels[:, 720:764] = 255
    return pixels, polygons


def test_lines_across_a_narrow_gutter_are_split_there(two_columns):
    pixels, polygons = two_columns
    for pieces in parted_at_gutters(pixels, AS_IT_IS, polygons):
        assert len(pieces) == 2
        assert 600 < pieces[0][1][0] == pieces[1][0][0] < 766


def test_spaces_between_words_are_no_gutter():
    texts = [(" ".join(WORDS[(5 * row + place) % 12] for place in range(16)), (40, 40 + 50 * row)) for row in range(8)]
    _, polygons = rows(8, 0)
    pieces = parted_at_gutters(page(texts, width=1480, height=480, size=26), AS_IT_IS, polygons)
    assert [len(line) for line in pieces] == [1] * 8


def test_few_lines_tell_of_no_gutter(two_columns):
    pixels, polygons = two_columns
    assert parted_at_gutters(pixels, AS_IT_IS, polygons[:5]) == [[polygon] for polygon in polygons[:5]]
