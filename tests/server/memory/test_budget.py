import pytest

from edgeocr.server.memory.budget import Budget, Hold, Use

TOTAL, BASE = 1000, 150


@pytest.fixture
def budget():
    return Budget(TOTAL, BASE)


def test_what_base_and_headroom_leave_is_parted_among_the_uses(budget):
    assert {use: budget.most_bytes(use) for use in Use} == {Use.ARRIVING: 100, Use.WAITING: 100, Use.RUNNING: 600}


def test_each_use_has_its_own_limit(budget):
    assert budget.take(Use.RUNNING, 600)
    assert budget.take(Use.ARRIVING, 100)
    assert budget.take(Use.WAITING, 87)
    assert [budget.take(use, 50) for use in Use] == [False] * 3


def test_large_images_leave_room_for_small_ones(budget):
    assert not budget.take(Use.WAITING, 88)
    assert budget.take(Use.WAITING, 87)
    assert not budget.take(Use.WAITING, 2)
    assert [budget.take(Use.WAITING, 1) for _ in range(14)] == [True] * 13 + [False]


@pytest.mark.parametrize("use", [Use.ARRIVING, Use.RUNNING])
def test_one_alone_always_fits(budget, use):
    assert budget.take(use, 900)
    assert not budget.take(use, 1)
    budget.adjust(use, -900)
    assert budget.take(use, 50)
    assert budget.take(use, 50)


def test_what_the_kernel_counts_beyond_all_estimates_counts_against_what_may_start(budget):
    assert budget.take(Use.RUNNING, 300)
    budget.observe(unaccounted_bytes=450)
    assert not budget.take(Use.RUNNING, 100)
    assert not budget.take(Use.ARRIVING, 100)
    budget.observe()
    assert budget.take(Use.RUNNING, 100)
    assert budget.take(Use.ARRIVING, 100)


def test_the_fill_is_the_share_of_all_that_is_held(budget):
    assert budget.fill() == pytest.approx(0.15)
    budget.take(Use.RUNNING, 300)
    budget.take(Use.WAITING, 50)
    budget.observe(unaccounted_bytes=100)
    assert budget.fill() == pytest.approx(0.6)


def test_whoever_waits_for_room_is_told_of_it(budget):
    told = []
    budget.when_released(lambda: told.append(budget.used_bytes()[Use.RUNNING]))
    budget.take(Use.RUNNING, 10)
    assert told == []
    budget.adjust(Use.RUNNING, -4)
    budget.observe(base_bytes=100)
    assert told == [6, 6]


def test_a_hold_gives_back_all_it_has_however_often_it_is_closed(budget):
    assert budget.take(Use.WAITING, 30)
    hold = Hold(budget, 30)
    assert hold.start(100)
    hold.set(Use.RUNNING, 40)
    hold.set(Use.WAITING, 0)
    assert budget.used_bytes() == {Use.ARRIVING: 0, Use.WAITING: 0, Use.RUNNING: 40}
    hold.close()
    hold.close()
    assert set(budget.used_bytes().values()) == {0}
