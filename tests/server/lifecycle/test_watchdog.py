import asyncio

import pytest

from edgeocr.server.lifecycle.watchdog import LastResort, Watchdog, stuck_worker


class World:
    """What hears of health."""

    def __init__(self, *checks):
        self.told = []
        self.watchdog = Watchdog(0.01, self.set_serving, *checks)

    async def set_serving(self, serving):
        self.told.append(serving)


async def test_health_follows_a_worker_that_is_stuck_and_then_goes_on(caplog):
    busy_seconds = [0.0]
    world = World(stuck_worker(lambda: busy_seconds[0], lambda: "an image of alice", 5))
    for seconds, told in ((0.0, []), (4.9, []), (5.0, [False]), (6.0, [False]), (0.0, [False, True])):
        busy_seconds[0] = seconds
        await world.watchdog.look()
        assert world.told == told
    assert "a worker has been working on an image of alice for 5 s (stuck_seconds): not serving" in caplog.text
    assert "serving again" in caplog.text


async def test_health_turns_for_each_of_several_reasons_and_comes_back_with_the_last(caplog):
    first, second = [], []
    world = World(lambda: "".join(first), lambda: "".join(second))
    second.append("this is wrong")
    await world.watchdog.look()
    first.append("that is wrong too")
    second.clear()
    await world.watchdog.look()
    assert world.told == [False]
    first.clear()
    await world.watchdog.look()
    assert world.told == [False, True]
    assert "this is wrong: not serving" in caplog.text


async def test_what_could_not_be_reported_is_reported_with_the_next_look():
    async def fail(_):
        raise OSError

    world = World(lambda: "this is wrong")
    world.watchdog._set_serving = fail
    with pytest.raises(OSError):
        await asyncio.wait_for(world.watchdog.look(), 5)
    world.watchdog._set_serving = world.set_serving
    await world.watchdog.look()
    assert world.told == [False]


async def test_a_worker_that_will_not_come_back_ends_the_server_and_says_at_what_it_is(caplog):
    busy_seconds, ended = [0.0], []
    resort = LastResort(0.01, lambda: busy_seconds[0], lambda: "an image of somebody", lambda: ended.append(True))
    for busy_seconds[0] in (0.0, 0.01, 0.019):
        await resort.look()
    assert (resort.fault, ended) == ("", [])
    for busy_seconds[0] in (0.02, 0.03):
        await resort.look()
    assert ended == [True], "once"
    assert "has been working on an image of somebody for 0 s" in resort.fault
    assert resort.fault in caplog.text
