"""The books: how much fits, what may start, and who is told when memory is released."""

import threading

import pytest

from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from tests.server.memory.room import ROOM


def test_what_base_and_headroom_leave_is_divided_among_the_uses(budget):
    most = {use: budget.most_bytes(use) for use in Use}
    assert most == {Use.ARRIVING: 100, Use.WAITING: ROOM, Use.RUNNING: 600, Use.ANSWERING: 300, Use.SPOOLED: 0}


def test_each_use_has_its_own_limit(budget):
    assert budget.try_reserve(Use.RUNNING, 600)
    assert budget.try_reserve(Use.ARRIVING, 100)
    assert budget.try_reserve(Use.WAITING, 87)
    assert [budget.try_reserve(use, 50) for use in (Use.ARRIVING, Use.WAITING, Use.RUNNING)] == [None] * 3


@pytest.mark.parametrize(("use", "most"), [(Use.ARRIVING, 100), (Use.RUNNING, 600)])
def test_a_use_keeps_to_its_limit_while_all_the_others_are_idle(budget, use, most):
    assert budget.try_reserve(use, most // 2)
    assert budget.try_reserve(use, most // 2 + 1) is None
    assert budget.try_reserve(use, most // 2)


def test_large_images_leave_room_for_small_ones(budget):
    assert budget.try_reserve(Use.WAITING, 88) is None
    assert budget.try_reserve(Use.WAITING, 87)
    assert budget.try_reserve(Use.WAITING, 2) is None
    assert [bool(budget.try_reserve(Use.WAITING, 1)) for _ in range(14)] == [True] * 13 + [False]


@pytest.mark.parametrize("use", [Use.ARRIVING, Use.RUNNING])
def test_one_alone_always_fits(budget, use):
    alone = budget.try_reserve(use, 900)
    assert budget.try_reserve(use, 1) is None
    alone.release()
    assert budget.try_reserve(use, 50)
    assert budget.try_reserve(use, 50)


def test_not_even_one_alone_is_read_while_more_than_may_arrive_does(budget):
    arriving = budget.hold(Use.ARRIVING, budget.most_bytes(Use.ARRIVING) + 1)
    assert budget.try_reserve(Use.RUNNING, 10) is None
    arriving.resize(budget.most_bytes(Use.ARRIVING))
    assert budget.try_reserve(Use.RUNNING, 10)


def test_what_the_kernel_counts_beyond_all_estimates_counts_against_what_may_start(budget):
    assert budget.try_reserve(Use.RUNNING, 300)
    budget.observe(unaccounted_bytes=450)
    assert budget.try_reserve(Use.RUNNING, 100) is None
    assert budget.try_reserve(Use.ARRIVING, 100) is None
    budget.observe()
    assert budget.try_reserve(Use.RUNNING, 100)
    assert budget.try_reserve(Use.ARRIVING, 100)


def test_answers_that_are_not_sent_leave_less_to_what_is_read(budget):
    answer = budget.hold(Use.ANSWERING, 400)
    assert budget.try_reserve(Use.RUNNING, 200)
    assert budget.try_reserve(Use.RUNNING, 300) is None
    answer.release()
    assert budget.try_reserve(Use.RUNNING, 300)


def test_the_fill_is_the_share_of_all_that_is_held(budget):
    assert budget.fill() == pytest.approx(0.15)
    budget.hold(Use.RUNNING, 300)
    budget.hold(Use.WAITING, 50)
    budget.observe(unaccounted_bytes=100)
    assert budget.fill() == pytest.approx(0.6)


def test_every_listener_is_notified_of_released_memory(budget):
    told = []
    for name in "ab":
        budget.on_release(lambda name=name: told.append((name, budget.used_bytes()[Use.RUNNING])))
    held = budget.hold(Use.RUNNING, 10)
    assert told == []
    held.resize(6)
    budget.observe(base_bytes=100)
    assert told == [("a", 6), ("b", 6)] * 2


def test_a_listener_may_wait_for_another_thread_that_takes_memory(budget):
    held = [budget.hold(Use.RUNNING, 10), budget.hold(Use.RUNNING, 10)]
    taken = []

    def wait():
        thread = threading.Thread(target=lambda: taken.append(budget.try_reserve(Use.RUNNING, 1)))
        thread.start()
        thread.join(5)
        assert not thread.is_alive(), "the budget is locked while it tells of memory"

    budget.on_release(wait)
    held[0].resize(5)
    held[0].add(-1)
    held[1].release()
    assert len(taken) == 3


def test_a_reservation_gives_back_all_it_has_however_often_it_is_released(budget):
    with budget.hold(Use.WAITING, 30, "a") as held:
        part = held.split(10)
        assert (held.size_bytes, part.size_bytes, budget.used_bytes()[Use.WAITING]) == (20, 10, 30)
        part.move(50, held)
        assert (held.size_bytes, part.size_bytes) == (30, 0)
    held.release()
    held.add(5)
    assert not held.grow(5)
    assert set(budget.used_bytes().values()) == {0}


@pytest.mark.parametrize("file_bytes", [1, 27_000_000, 256 << 20])
def test_the_budget_that_a_file_needs_holds_it_and_hardly_more(file_bytes):
    needed_bytes = Budget(300 << 20, 130 << 20).needed_bytes(file_bytes)
    assert Budget(needed_bytes + 32, 130 << 20).most_file_bytes() >= file_bytes
    assert Budget(needed_bytes - 32, 130 << 20).most_file_bytes() <= file_bytes


@pytest.mark.parametrize(
    "give_back", [lambda held: held.resize(1), lambda held: held.add(-1), lambda held: held.release()]
)
def test_listeners_are_notified_while_others_can_use_the_budget(budget, give_back):
    held = budget.hold(Use.RUNNING, 10)
    used = []

    def listen():
        other = threading.Thread(target=lambda: used.append(budget.used_bytes()))
        other.start()
        other.join(5)

    budget.on_release(listen)
    give_back(held)
    assert len(used) == 1
