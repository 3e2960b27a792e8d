"""When a server that drains may stop."""

import asyncio
import gc
import weakref

import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.lifecycle import calls as module
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.tracing.tracer import NoTracing


@pytest.fixture
def lifecycle(monkeypatch):
    monkeypatch.setattr(module, "_LULL_SECONDS", 0.02)
    return Lifecycle(NoTracing())


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_without_time_to_finish_only_what_is_open_is_cut_off(lifecycle):
    assert await lifecycle.drained(0)
    end = lifecycle.begin()
    assert not await lifecycle.drained(0)
    end()
    assert await lifecycle.drained(0)


async def test_it_waits_for_the_last_of_several_calls(lifecycle):
    end_first, end_second = lifecycle.begin(), lifecycle.begin()
    idle = asyncio.create_task(lifecycle.idle())
    await turns()
    end_first()
    await asyncio.sleep(0.1)
    assert not idle.done()
    end_second()
    await asyncio.wait_for(idle, 5)


async def test_a_call_that_comes_meanwhile_is_waited_for_and_so_is_what_comes_after_it(lifecycle):
    idle = asyncio.create_task(lifecycle.idle())
    await turns()
    lifecycle.begin()()
    # It was over before the lull was: another one may be on its way.
    await asyncio.sleep(0.025)
    assert not idle.done()
    await asyncio.wait_for(idle, 5)


async def test_it_waits_for_no_end_of_calls_that_come_one_after_the_other(lifecycle):
    idle = asyncio.create_task(lifecycle.idle())
    for _ in range(1000):
        end = lifecycle.begin()
        await asyncio.sleep(0.001)
        end()
        if idle.done():
            return
    pytest.fail("it waited on")


async def test_a_call_that_ends_with_an_error_leaves_nothing_for_the_garbage(lifecycle):
    class Image:
        pass

    async def receive(image):
        raise InvalidInput("it is no image")

    async def call(image):
        async with lifecycle.receiving(receive(image)) as received:
            await received()

    image = Image()
    left, calling = weakref.ref(image), asyncio.create_task(call(image))
    del image
    gc.disable()
    try:
        await asyncio.wait({calling})
        await turns()
        assert isinstance(calling.exception(), InvalidInput)
        del calling
        assert left() is None
    finally:
        gc.enable()
