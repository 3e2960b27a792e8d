"""Previews: few at a time, and accounted for until they are sent."""

import cv2
import numpy as np
import pytest

from edgeocr.model.pixels import Picture
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.previews import PagePreviews
from edgeocr.server.memory.reservation import Use

PAGE = Picture(np.full((300, 200, 3), 255, np.uint8), 400, 600, 2)


@pytest.fixture
def budget():
    return Budget(100_000_000)


def test_a_picture_is_accounted_for_until_it_is_sent(budget):
    pictures = PagePreviews(budget)
    drawn = pictures.draw(PAGE, 3)
    assert (drawn.page_index, drawn.width, drawn.height) == (3, 400, 600)
    assert budget.used_bytes()[Use.WAITING] == len(drawn.jpeg) > 0
    pictures.release(drawn)
    assert budget.used_bytes()[Use.WAITING] == 0


def test_who_takes_none_gets_few_and_more_once_they_are_sent(budget):
    pictures = PagePreviews(budget)
    drawn = [pictures.draw(PAGE, index) for index in range(10)]
    given = [one for one in drawn if one is not None]
    assert drawn == [*given, *[None] * (10 - len(given))]
    assert 1 < len(given) < 10
    assert pictures.draw(PAGE, 10) is None
    pictures.release(given[0])
    assert pictures.draw(PAGE, 11) is not None


def test_there_is_none_without_room(budget):
    budget.hold(Use.WAITING, budget.most_bytes(Use.WAITING))
    assert PagePreviews(budget).draw(PAGE, 0) is None


def test_nothing_is_held_once_nobody_waits(budget):
    pictures = PagePreviews(budget)
    drawn = pictures.draw(PAGE, 0)
    assert pictures.draw(PAGE, 1) is not None
    pictures.close()
    pictures.close()
    assert budget.used_bytes()[Use.WAITING] == 0
    pictures.release(drawn)
    assert pictures.draw(PAGE, 2) is None
    assert budget.used_bytes()[Use.WAITING] == 0


def test_a_large_one_is_as_large_as_it_is_asked_for_and_made_only_where_there_is_room(budget):
    large = Picture(np.full((2400, 1800, 3), 255, np.uint8), 1800, 2400)
    pictures = PagePreviews(budget, longest_side=2400)
    drawn = pictures.draw(large, 0)
    assert cv2.imdecode(np.frombuffer(drawn.jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (2400, 1800, 3)
    assert budget.used_bytes()[Use.WAITING] == len(drawn.jpeg)
    pictures.close()
    budget.hold(Use.WAITING, budget.most_bytes(Use.WAITING) - 2_000_000)
    pictures = PagePreviews(budget, longest_side=2400)
    assert pictures.draw(large, 0) is None
    # Unless what is held for the page covers it.
    assert pictures.draw(large, 0, spare_bytes=20_000_000) is not None
