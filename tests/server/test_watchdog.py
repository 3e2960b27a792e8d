import asyncio

from edgeocr.server.watchdog import watch_workers


async def test_health_follows_a_worker_that_is_stuck_and_then_goes_on():
    busy_seconds, told = 0.0, asyncio.Queue()
    watching = asyncio.create_task(watch_workers(lambda: busy_seconds, 0.05, told.put))
    await asyncio.sleep(0.1)
    assert told.empty(), "nothing is told while all is well"
    busy_seconds = 0.05
    assert await asyncio.wait_for(told.get(), 5) is False
    await asyncio.sleep(0.1)
    assert told.empty(), "it is told once"
    busy_seconds = 0.0
    assert await asyncio.wait_for(told.get(), 5) is True
    watching.cancel()
