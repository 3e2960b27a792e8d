import pytest

from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.monitor import MemoryMonitor
from edgeocr.server.memory.reservation import Use

TOTAL, BASE = 1000, 200
TOLERANCE = 20
MOST = 238
"""What may be unaccounted for: what base and the largest image, of 562, leave."""


class Process:
    """Memory that gives back what is free."""

    def __init__(self):
        self.resident, self.free, self.trims, self.now = BASE, 0, 0, 0.0
        self.budget = Budget(TOTAL, BASE)
        self.monitor = MemoryMonitor(
            self.budget, read=lambda: self.resident, give_back=self.give_back, clock=lambda: self.now
        )

    def give_back(self):
        self.resident -= self.free
        self.free = 0
        self.trims += 1

    def look(self, times=1):
        for _ in range(times):
            self.monitor.look()


@pytest.fixture
def process():
    return Process()


def test_free_memory_is_given_back_once_when_there_is_nothing_to_do(process):
    process.resident, process.free = 500, 300
    process.look(200)
    assert (process.trims, process.resident) == (1, 200)


def test_the_base_stays_what_it_was_at_the_start_whatever_remains_without_an_image(process):
    most = {use: process.budget.most_bytes(use) for use in Use}
    process.resident, process.free = 500, 200
    process.look(20)
    assert process.budget.base_bytes == BASE
    assert {use: process.budget.most_bytes(use) for use in Use} == most
    assert process.budget.unaccounted_bytes == 300 - BASE - TOLERANCE


def test_memory_that_remains_is_given_back_again_and_again_until_nothing_is_unaccounted_for(process):
    process.resident = 500
    process.look(100)
    assert process.trims == 3
    process.resident, process.free = 500, 300
    process.look(40)
    assert (process.trims, process.budget.unaccounted_bytes) == (4, 0)
    process.look(200)
    assert process.trims == 4


def test_free_memory_is_given_back_at_once_when_the_budget_is_nearly_used(process):
    process.budget.hold(Use.RUNNING, 400)
    process.resident, process.free = 840, 300
    process.look()
    assert process.trims == 0
    process.resident = 860
    process.look()
    assert (process.trims, process.resident) == (1, 560)
    assert process.budget.fill() == pytest.approx(0.6), "nothing is unaccounted for"


def test_unaccounted_memory_counts_as_used_until_it_is_gone(process):
    process.budget.hold(Use.RUNNING, 100)
    process.resident = 900
    process.look()
    assert process.budget.fill() == pytest.approx(0.9, abs=0.03)
    assert process.budget.try_reserve(Use.RUNNING, 100) is None
    process.resident = 300
    process.look()
    assert process.budget.try_reserve(Use.RUNNING, 100)


def test_what_was_freed_a_moment_ago_is_not_unaccounted_for(process):
    held = process.budget.hold(Use.RUNNING, 300)
    process.look()
    held.release()
    process.resident, process.free = 500, 300
    process.look(3)
    assert process.budget.unaccounted_bytes == 0
    process.look()
    assert process.budget.unaccounted_bytes == 0


@pytest.mark.parametrize("use", [None, Use.RUNNING])
def test_a_restart_is_asked_for_once_the_largest_image_has_not_fitted_for_long(process, use):
    if use is not None:
        process.budget.hold(use, 100)
    process.resident = BASE + TOLERANCE + MOST + (100 if use else 0)
    process.look(8)
    process.now += 1000
    process.look()
    assert process.monitor.complaint() == ""
    process.resident += 1
    process.look()
    process.now += 29
    assert process.monitor.complaint() == ""
    process.look()
    process.now += 1
    assert "the largest image would not fit in addition" in process.monitor.complaint()
    process.resident -= 1
    process.look()
    assert process.monitor.complaint() == ""
