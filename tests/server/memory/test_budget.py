"""The books: what fits, what is told, who is served first, and what one caller may hold."""

import asyncio
import random
import threading

import pytest

from edgeocr.server.errors import MemoryFull
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use

TOTAL, BASE = 1000, 150
ROOM = 100
"""What may wait of it."""


@pytest.fixture
def budget():
    return Budget(TOTAL, BASE)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


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


def test_every_listener_is_told_of_released_memory(budget):
    told = []
    for name in "ab":
        budget.on_release(lambda name=name: told.append((name, budget.used_bytes()[Use.RUNNING])))
    held = budget.hold(Use.RUNNING, 10)
    assert told == []
    held.resize(6)
    budget.observe(base_bytes=100)
    assert told == [("a", 6), ("b", 6)] * 2


def test_whoever_is_told_of_released_memory_may_wait_for_another_thread_that_takes_some(budget):
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


async def test_who_waits_for_room_is_served_in_the_order_of_the_reservations(budget):
    full = budget.hold(Use.WAITING, ROOM)
    older, served = budget.hold(Use.WAITING, 0, "old"), []

    async def ask(name, reservation):
        await reservation.grow_within(20, 5)
        served.append(name)

    asking = [asyncio.create_task(ask("new", budget.hold(Use.WAITING, 0, "new")))]
    await settle()
    asking.append(asyncio.create_task(ask("old", older)))
    await settle()
    assert served == []
    full.resize(ROOM - 35)
    await settle()
    assert served == ["old"]
    full.release()
    await asyncio.gather(*asking)
    assert served == ["old", "new"]


async def test_who_waits_in_vain_is_told_so_and_holds_nothing(budget):
    budget.hold(Use.WAITING, ROOM)
    with pytest.raises(MemoryFull, match="waiting_bytes") as refusal:
        await budget.reserve(Use.WAITING, 5, within=0.01)
    assert refusal.value.retry_seconds
    assert budget.used_bytes()[Use.WAITING] == ROOM


async def test_who_goes_away_while_it_waits_holds_nothing(budget):
    full = budget.hold(Use.WAITING, ROOM)
    waiting = asyncio.create_task(budget.reserve(Use.WAITING, 5, within=5))
    await settle()
    full.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await settle()
    assert budget.used_bytes()[Use.WAITING] == 0


async def test_who_goes_away_as_its_room_comes_holds_nothing(budget):
    full = budget.hold(Use.WAITING, ROOM)
    waiting = asyncio.create_task(budget.reserve(Use.WAITING, 5, within=5))
    await settle()
    full.release()
    # It is granted now, and the one who asked has not heard of it.
    await asyncio.sleep(0)
    assert budget.used_bytes()[Use.WAITING] == 5
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.used_bytes()[Use.WAITING] == 0


def test_one_caller_holds_half_and_leaves_as_much_as_it_holds(budget):
    assert budget.try_reserve(Use.WAITING, 30, "a")
    assert budget.try_reserve(Use.WAITING, 20, "a")
    assert budget.try_reserve(Use.WAITING, 1, "a") is None
    assert budget.try_reserve(Use.WAITING, 12, "b")
    assert budget.try_reserve(Use.WAITING, 10, "b")
    assert budget.try_reserve(Use.WAITING, 5, "b") is None, "it would hold more than it leaves"
    assert budget.try_reserve(Use.WAITING, 14, "c")


async def test_what_one_holds_beyond_its_share_ends_once_another_waits(budget):
    ended = []
    large = budget.hold(Use.WAITING, 0, "large")
    large.may_reach_bytes = 87

    def evict():
        ended.append(large.size_bytes)
        large.release()

    large.evict = evict
    assert large.grow(80)
    await budget.reserve(Use.WAITING, 30, within=5, caller="other")
    assert ended == [80]
    assert budget.try_reserve(Use.WAITING, 60, "large") is None


async def test_many_files_that_are_begun_do_not_keep_each_other_from_becoming_whole(budget):
    """Ten callers, each with a file of 40 of which nobody knows that, ten bytes at a time, over room for two."""
    whole = []

    async def send(name):
        held = budget.hold(Use.WAITING, 0, str(name))
        held.may_reach_bytes = 87
        for _ in range(4):
            await held.grow_within(10, 30)
            await asyncio.sleep(0)
        whole.append(name)
        held.release()

    await asyncio.wait_for(asyncio.gather(*map(send, range(10))), 10)
    assert sorted(whole) == list(range(10))
    assert budget.used_bytes()[Use.WAITING] == 0


@pytest.mark.parametrize("file_bytes", [1, 27_000_000, 256 << 20])
def test_the_budget_that_a_file_needs_holds_it_and_hardly_more(file_bytes):
    needed_bytes = Budget(300 << 20, 130 << 20).needed_bytes(file_bytes)
    assert Budget(needed_bytes + 32, 130 << 20).most_file_bytes() >= file_bytes
    assert Budget(needed_bytes - 32, 130 << 20).most_file_bytes() <= file_bytes


@pytest.mark.parametrize(
    "give_back", [lambda held: held.resize(1), lambda held: held.add(-1), lambda held: held.release()]
)
def test_listeners_are_told_while_others_can_use_the_budget(budget, give_back):
    held = budget.hold(Use.RUNNING, 10)
    used = []

    def listen():
        other = threading.Thread(target=lambda: used.append(budget.used_bytes()))
        other.start()
        other.join(5)

    budget.on_release(listen)
    give_back(held)
    assert len(used) == 1


async def test_files_of_more_than_half_do_not_keep_each_other_from_becoming_whole(budget):
    """Eight callers, each with a file of 60, of which none may hold more than half by itself."""
    whole = []

    async def send(name):
        held = budget.hold(Use.WAITING, 0, str(name))
        held.may_reach_bytes = 87
        for _ in range(6):
            await held.grow_within(10, 30)
            await asyncio.sleep(0)
        whole.append(name)
        held.release()

    await asyncio.wait_for(asyncio.gather(*map(send, range(8))), 10)
    assert sorted(whole) == list(range(8))


async def test_two_files_of_one_caller_do_not_keep_each_other_from_becoming_whole(budget):
    whole = []

    async def send(caller):
        held = budget.hold(Use.WAITING, 0, caller)
        held.may_reach_bytes = 87
        for _ in range(4):
            await held.grow_within(10, 30)
            await asyncio.sleep(0)
        whole.append(caller)
        held.release()

    await asyncio.wait_for(asyncio.gather(*(send(f"{number // 2}") for number in range(8))), 10)
    assert len(whole) == 8


@pytest.mark.parametrize("callers", [1, 2, 5])
@pytest.mark.parametrize("seed", range(40))
def test_files_of_any_size_that_grow_in_any_order_all_become_whole(budget, callers, seed):
    """One file at least grows in every round, or what is whole is read and leaves."""
    chance = random.Random(seed)
    sizes = [chance.randint(3, 57) for _ in range(9)]
    coming = [budget.hold(Use.WAITING, 0, str(number % callers)) for number in range(len(sizes))]
    for held, size in zip(coming, sizes, strict=True):
        held.may_reach_bytes = chance.choice([size, 87])
    todo = dict(zip(coming, sizes, strict=True))
    while todo:
        round_of, grown = chance.sample(list(todo), len(todo)), False
        for held in round_of:
            grown |= held.grow(min(chance.randint(1, 9), todo[held] - held.size_bytes))
            if held.size_bytes == todo[held]:
                held.settle()
                held.release()
                del todo[held]
        assert grown


async def test_who_gives_up_while_it_waits_gets_nothing_and_is_not_kept(budget):
    full = budget.hold(Use.WAITING, ROOM)
    held = budget.hold(Use.WAITING, 0, "client")
    waiting = asyncio.create_task(held.grow_within(5, 60))
    await asyncio.sleep(0)
    held.release()
    await asyncio.wait_for(waiting, 10)
    full.release()
    assert budget.used_bytes()[Use.WAITING] == 0
