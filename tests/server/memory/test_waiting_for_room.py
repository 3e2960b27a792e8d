"""Who waits for room: served in order, refused in time, and held to nothing once it is gone."""

import asyncio

import pytest

from edgeocr.server.errors import MemoryFull
from edgeocr.server.memory.reservation import Use
from tests.server.memory.room import ROOM


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


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


async def test_a_caller_that_waits_in_vain_is_refused_and_holds_nothing(budget):
    budget.hold(Use.WAITING, ROOM)
    with pytest.raises(MemoryFull, match="waiting_bytes") as refusal:
        await budget.hold(Use.WAITING, 0).grow_within(5, 0.01)
    assert refusal.value.retry_seconds
    assert budget.used_bytes()[Use.WAITING] == ROOM


async def test_who_goes_away_while_it_waits_holds_nothing(budget):
    full = budget.hold(Use.WAITING, ROOM)
    waiting = asyncio.create_task(budget.hold(Use.WAITING, 0).grow_within(5, 5))
    await settle()
    full.release()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await settle()
    assert budget.used_bytes()[Use.WAITING] == 0


async def test_who_goes_away_as_its_room_comes_holds_nothing(budget):
    full = budget.hold(Use.WAITING, ROOM)
    waiting = asyncio.create_task(budget.hold(Use.WAITING, 0).grow_within(5, 5))
    await settle()
    full.release()
    # It is granted now, and the one who asked has not heard of it.
    await asyncio.sleep(0)
    assert budget.used_bytes()[Use.WAITING] == 5
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert budget.used_bytes()[Use.WAITING] == 0


async def test_who_gives_up_while_it_waits_gets_nothing_and_is_not_kept(budget):
    full = budget.hold(Use.WAITING, ROOM)
    held = budget.hold(Use.WAITING, 0, "client")
    waiting = asyncio.create_task(held.grow_within(5, 60))
    await asyncio.sleep(0)
    held.release()
    await asyncio.wait_for(waiting, 10)
    full.release()
    assert budget.used_bytes()[Use.WAITING] == 0
