"""Turns to begin reads: how many there are at a time, and who has the next one."""

import asyncio

import pytest

from edgeocr.server.grpc.interceptors.turns import Turns
from tests.server.grpc.interceptors.intake import settle

MESSAGE_BYTES = 100


@pytest.fixture
def room():
    return {"bytes": 3 * MESSAGE_BYTES}


@pytest.fixture
def turns(room):
    return Turns(MESSAGE_BYTES, lambda: room["bytes"])


async def wanted(turns, *callers):
    """Tasks that each want a turn, and have it by now if there is one."""
    tasks = [asyncio.create_task(turns.take(caller)) for caller in callers]
    await settle()
    return tasks


def done(tasks):
    return [one.done() for one in tasks]


async def cancel(tasks):
    for one in tasks:
        one.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_there_are_no_more_turns_than_messages_have_room(turns):
    tasks = await wanted(turns, *"abcde")
    assert done(tasks) == [True] * 3 + [False] * 2
    assert turns.are_awaited
    await cancel(tasks)
    assert not turns.are_awaited


async def test_one_has_its_turn_without_any_room(turns, room):
    room["bytes"] = -1
    tasks = await wanted(turns, *"ab")
    assert done(tasks) == [True, False]
    turns.give_back(tasks[0].result())
    await settle()
    assert done(tasks) == [True, True]


async def test_what_has_come_leaves_its_turn_to_the_next(turns):
    tasks = await wanted(turns, *"abcde")
    turns.give_back(tasks[1].result())
    await settle()
    assert done(tasks) == [True] * 4 + [False]
    await cancel(tasks)


async def test_a_turn_ends_once_a_whole_rest_between_two_looks_has_shown_what_comes(turns):
    tasks = await wanted(turns, *"abc")
    turns.look()
    tasks += await wanted(turns, "d")
    assert done(tasks) == [True] * 3 + [False]
    turns.look()
    await settle()
    assert done(tasks) == [True] * 4
    tasks += await wanted(turns, *"efg")
    assert done(tasks) == [True] * 6 + [False]
    await cancel(tasks)


async def test_who_has_turns_leaves_as_many_to_others(turns, room):
    room["bytes"] = 8 * MESSAGE_BYTES
    many = await wanted(turns, *["many"] * 6)
    assert done(many) == [True] * 4 + [False] * 2
    others = await wanted(turns, *"abcde")
    assert done(others) == [True] * 4 + [False]
    await cancel([*many, *others])


async def test_who_has_fewest_turns_has_the_next_one_and_among_equals_who_came_first(turns, room):
    room["bytes"] = MESSAGE_BYTES
    last, many = await wanted(turns, "many"), await wanted(turns, "many", "many")
    others = await wanted(turns, "first", "second")
    room["bytes"] = 3 * MESSAGE_BYTES
    turns._serve()
    await settle()
    assert (done(many), done(others)) == ([False] * 2, [True] * 2)
    turns.give_back(last[0].result())
    await settle()
    assert done(many) == [True, False]
    await cancel([*many, *others])


async def test_who_goes_away_while_waiting_or_as_it_is_served_leaves_its_turn_to_the_next(turns):
    tasks = await wanted(turns, *"abcdef")
    await cancel(tasks[3:4])
    turns.give_back(tasks[0].result())
    # It has the turn, and does not know it yet.
    tasks[4].cancel()
    await settle()
    assert done(tasks) == [True] * 6
    assert tasks[4].cancelled()
    await cancel(tasks)


async def test_all_who_have_turns_or_wait_may_go_at_once(turns):
    async def read(caller):
        turn = await turns.take(caller)
        try:
            await asyncio.Future()
        finally:
            turns.give_back(turn)

    await cancel([asyncio.create_task(read(caller)) for caller in "abcdef"])
    reading = [asyncio.create_task(read(caller)) for caller in "abcdef"]
    await settle()
    await cancel(reading)
    assert [one.cancelled() for one in reading] == [True] * 6
    assert done(await wanted(turns, *"abc")) == [True] * 3
