"""Files that grow as they arrive: what one caller may hold, and that all of them become whole."""

import asyncio
import random

import pytest

from edgeocr.server.memory.reservation import Use


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
    await budget.hold(Use.WAITING, 0, "other").grow_within(30, 5)
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
