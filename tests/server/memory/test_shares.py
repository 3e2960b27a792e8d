"""What one caller may hold of what there is, whether it comes in one piece or in many."""

import pytest

from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use


@pytest.fixture
def budget():
    return Budget(1_000_000)


def test_a_caller_has_no_more_than_half_in_one_piece_while_others_have_some(budget):
    most = budget.most_bytes(Use.WAITING)
    assert budget.try_reserve(Use.WAITING, most // 10, "other") is not None
    assert budget.try_reserve(Use.WAITING, most * 6 // 10, "client") is None
    assert budget.try_reserve(Use.WAITING, most * 4 // 10, "client") is not None


def test_a_caller_with_half_of_the_unsent_answers_has_its_share(budget):
    most = budget.most_bytes(Use.ANSWERING)
    held = budget.hold(Use.ANSWERING, most // 2 - 1, "client")
    assert not budget.has_share(Use.ANSWERING, "client")
    held.add(1)
    assert budget.has_share(Use.ANSWERING, "client")
    assert not budget.has_share(Use.ANSWERING, "other")
