import pytest

from edgeocr.model.memory_plan import Plan
from edgeocr.server.errors import BeyondMemory, MemoryFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.limits import check_memory, check_memory_now
from edgeocr.server.memory.reservation import Use

TOTAL, BASE = 1000, 200
MOST = 562


@pytest.fixture
def budget():
    return Budget(TOTAL, BASE)


def taking(size_bytes):
    return Plan(1, finding_bytes=size_bytes, reading_bytes=0, batch_bytes=0)


def test_the_largest_image_is_the_same_whatever_is_unaccounted_for(budget):
    for unaccounted in (0, 100, 700):
        budget.observe(unaccounted_bytes=unaccounted)
        assert budget.most_bytes(Use.RUNNING) == MOST
        check_memory(taking(MOST), budget)
        with pytest.raises(BeyondMemory) as refusal:
            check_memory(taking(MOST + 1), budget)
        assert refusal.value.retry_seconds is None


def test_an_image_that_does_not_fit_next_to_unaccounted_memory_may_be_retried(budget):
    budget.observe(unaccounted_bytes=TOTAL - BASE - MOST)
    check_memory_now(taking(MOST), budget)
    budget.observe(unaccounted_bytes=TOTAL - BASE - MOST + 1)
    check_memory_now(taking(MOST - 1), budget)
    with pytest.raises(MemoryFull) as refusal:
        check_memory_now(taking(MOST), budget)
    assert refusal.value.retry_seconds > 0
    assert refusal.value.limit.name == "memory_budget_bytes"
    assert (refusal.value.limit.value, refusal.value.limit.asked) == (TOTAL, TOTAL + 1)
