import pytest

from edgeocr.server.memory.budget import Budget, Use
from edgeocr.server.memory.monitor import MemoryMonitor

TOTAL, BASE = 1000, 200


class Process:
    """Memory that gives back what is free."""

    def __init__(self):
        self.resident, self.free, self.trims = BASE, 0, 0
        self.budget = Budget(TOTAL, BASE)
        self.pressure = MemoryMonitor(self.budget, read=lambda: self.resident, give_back=self.give_back)

    def give_back(self):
        self.resident -= self.free
        self.free = 0
        self.trims += 1

    def look(self, times=1):
        for _ in range(times):
            self.pressure.look()


@pytest.fixture
def process():
    return Process()


def test_free_memory_is_given_back_once_when_there_is_nothing_to_do(process):
    process.resident, process.free = 500, 300
    process.look(20)
    assert (process.trims, process.resident) == (1, 200)


def test_the_base_is_what_remains_without_an_image(process):
    process.resident, process.free = 500, 200
    process.look(20)
    assert process.budget.base_bytes == 300


def test_free_memory_is_given_back_at_once_when_the_budget_is_nearly_used(process):
    process.budget.take(Use.RUNNING, 400)
    process.resident, process.free = 840, 300
    process.look()
    assert process.trims == 0
    process.resident = 860
    process.look()
    assert (process.trims, process.resident) == (1, 560)
    assert process.budget.fill() == pytest.approx(0.6), "nothing is unaccounted for"


def test_memory_that_nobody_reckoned_with_counts_as_used_until_it_is_gone(process):
    process.budget.take(Use.RUNNING, 100)
    process.resident = 900
    process.look()
    assert process.budget.fill() == pytest.approx(0.9, abs=0.03)
    assert not process.budget.take(Use.RUNNING, 100)
    process.resident = 300
    process.look()
    assert process.budget.take(Use.RUNNING, 100)


def test_nothing_is_unaccounted_for_once_there_is_nothing_to_do(process):
    process.budget.take(Use.ARRIVING, 1)
    process.resident = 600
    process.look()
    process.budget.adjust(Use.ARRIVING, -1)
    assert process.budget.fill() > 0.5
    process.resident = BASE + 1
    process.look(4)
    assert process.budget.base_bytes == BASE
    assert process.budget.fill() == pytest.approx(0.2)


def test_the_base_stays_while_there_is_an_image(process):
    process.budget.take(Use.WAITING, 1)
    process.resident = 500
    process.look(20)
    assert (process.budget.base_bytes, process.trims) == (BASE, 0)
