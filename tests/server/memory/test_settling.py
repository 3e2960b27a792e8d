"""What images may be, by what the process takes at its start."""

import pytest

from edgeocr.model.limits import Limits
from edgeocr.server.errors import StartError
from edgeocr.server.memory import settling
from edgeocr.server.memory.budget import Budget, Use

MIB = 1 << 20


@pytest.fixture
def settle(models, monkeypatch):
    """Settles a budget of so many MiB for a process that takes 100 MiB."""
    monkeypatch.setattr(settling, "resident_bytes", lambda: 100 * MIB)

    def settled(total):
        budget = Budget(total * MIB)
        return budget, settling.settle(budget, models.manifest, Limits(), MIB)

    return settled


def test_the_base_has_a_reserve_for_what_an_old_server_holds(settle):
    budget, limits = settle(300)
    assert budget.base_bytes == 116 * MIB
    assert limits.file_bytes == budget.most_file_bytes()
    assert budget.most_bytes(Use.ARRIVING) // 2 - MIB == limits.image_bytes


def test_where_little_is_left_the_reserve_is_a_quarter_of_it(settle):
    budget, _ = settle(140)
    assert budget.base_bytes == 110 * MIB


def test_a_budget_that_leaves_nothing_to_read_with_keeps_the_server_from_starting(settle):
    with pytest.raises(StartError, match=r"memory_budget: of 105MiB, .* 100MiB are in use before the first image"):
        settle(105)
