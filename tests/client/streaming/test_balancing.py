"""One client, several servers."""

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from edgeocr.client import AsyncClient, OcrError
from edgeocr.client.loop_thread import LoopThread
from edgeocr.client.streaming.retry import RetryPolicy
from tests.client.conftest import FakeServer
from tests.support.serving import eventually


@pytest.fixture
def servers() -> Iterator[list[FakeServer]]:
    """Three servers on ports of their own."""
    with ExitStack() as stack:
        thread = LoopThread("fake-servers")
        stack.callback(thread.close)
        servers = [FakeServer("127.0.0.1:0", thread) for _ in range(3)]
        for server in servers:
            server.start()
            stack.callback(server.stop)
        yield servers


def listed(servers: list[FakeServer]) -> str:
    return ",".join(server.target for server in servers)


async def reached(client: AsyncClient, servers: list[FakeServer], wanted: list[FakeServer]) -> list[int]:
    """Reads until the last round of calls went to the wanted servers only, all of them; how it was spread."""
    for _ in range(200):
        before = [server.ocr.unary_calls for server in servers]
        for _ in range(2 * len(wanted)):
            await client.read(b"text")
        spread = [server.ocr.unary_calls - count for server, count in zip(servers, before, strict=True)]
        if [server for server, count in zip(servers, spread, strict=True) if count] == wanted:
            return spread
        await asyncio.sleep(0.02)
    raise AssertionError(f"calls went elsewhere to the end: {spread}")


async def test_calls_go_to_each_server_in_turn(servers):
    async with AsyncClient(listed(servers)) as client:
        await reached(client, servers, servers)
        assert await reached(client, servers, servers) == [2, 2, 2]


async def test_a_server_that_does_not_serve_gets_no_calls(servers):
    async with AsyncClient(listed(servers)) as client:
        await reached(client, servers, servers)
        servers[1].set_serving(False)
        await reached(client, servers, [servers[0], servers[2]])
        assert await reached(client, servers, [servers[0], servers[2]]) == [2, 0, 2]
        servers[1].set_serving(True)
        await reached(client, servers, servers)
        assert await reached(client, servers, servers) == [2, 2, 2]


async def test_a_single_target_is_called_whatever_its_health(servers):
    servers[0].set_serving(False)
    async with AsyncClient(servers[0].target) as client:
        assert (await client.read(b"text")).pages[0].text == "text"


async def test_no_server_that_serves_is_unavailable(servers):
    for server in servers:
        server.set_serving(False)
    async with AsyncClient(listed(servers)) as client:
        with pytest.raises(OcrError, match="UNAVAILABLE"):
            await client.read(b"text")
        assert not await client.is_serving(timeout_seconds=5)


async def test_many_calls_that_break_at_once_are_all_sent_again(servers):
    async with AsyncClient(listed(servers)) as client:
        await reached(client, servers, servers)
        reading = [asyncio.create_task(client.read(b"wait 1 text")) for _ in range(60)]
        before = servers[0].ocr.unary_calls
        await asyncio.to_thread(eventually, lambda: servers[0].ocr.unary_calls >= before + 20)
        await asyncio.to_thread(servers[0].stop)
        answers = await asyncio.gather(*reading)
        servers[0].start()
    assert {answer.pages[0].text for answer in answers} == {"text"}


async def test_a_stream_goes_on_at_another_server_with_what_has_no_answer(servers, stream_plan):
    async with AsyncClient(listed(servers), retry=RetryPolicy(initial_seconds=0.02)) as client:
        await reached(client, servers, servers)
        for server in servers:
            server.ocr.plans.append(stream_plan(break_after=2))
        results = [result async for result in client.read_many((number, f"{number}".encode()) for number in range(12))]
    assert [result.document.pages[0].text for result in results] == [str(number) for number in range(12)]
    used = [server for server in servers if server.ocr.streams]
    assert len(used) > 1
    # Two of each stream were answered, and no later one has them again.
    streams = sorted(
        (stream for server in servers for stream in server.ocr.streams), key=lambda stream: int(stream.ids[0])
    )
    for earlier, later in itertools.pairwise(streams):
        assert not set(earlier.images[:2]) & set(later.images)


async def test_a_call_without_answer_is_made_once_more_if_asked_for(servers):
    async with AsyncClient(listed(servers)) as client:
        await reached(client, servers, servers)
        before = [server.ocr.unary_calls for server in servers]
        with pytest.raises(OcrError, match="DEADLINE_EXCEEDED"):
            await client.read(b"hang", hedge_seconds=0.05, timeout_seconds=1.0)
    assert sorted(server.ocr.unary_calls - count for server, count in zip(servers, before, strict=True)) == [0, 1, 1]


async def test_a_failure_before_that_is_not_repeated(servers):
    async with AsyncClient(listed(servers)) as client:
        with pytest.raises(OcrError, match="INVALID_ARGUMENT: bad"):
            await client.read(b"error INVALID_ARGUMENT bad", hedge_seconds=30)
    assert sum(server.ocr.unary_calls for server in servers) == 1
