"""Many images over one stream while connections break, and servers drain, restart or are gone."""

import asyncio

import grpc
import pytest

from edgeocr.client import AsyncClient, OcrError
from edgeocr.client.streaming.pending import PendingImages
from edgeocr.client.streaming.results import Takers
from edgeocr.client.streaming.retry import RetryPolicy
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.streaming.results import results_of, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(30)]


@pytest.mark.parametrize("order", ["ordered", "as_completed"])
async def test_unanswered_images_are_sent_again_when_the_connection_breaks(server, stream_plan, quick_retry, order):
    server.ocr.plans = [stream_plan(break_after=3), stream_plan(break_after=0), stream_plan(break_after=2)]
    images = [(number, b"%d" % number) for number in range(12)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        results = await results_of(client, images, order=order)
    assert sorted((result.key, text_of(result)) for result in results) == [(n, str(n)) for n in range(12)]
    if order == "ordered":
        assert [result.key for result in results] == list(range(12))
    assert len(server.ocr.streams) == 4
    last = server.ocr.streams[-1].images
    assert len(last) == len(set(last)) == 7, "what was answered must not be sent again"


async def test_a_server_that_comes_back_finishes_the_work(server):
    patience = RetryPolicy(attempts=50, initial_seconds=0.05, max_seconds=0.1)
    async with AsyncClient(server.target, retry=patience) as client:
        results = client.read_many([(number, b"wait 0.02 text") for number in range(12)])
        keys = [(await anext(results)).key]
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        keys += [result.key async for result in results if text_of(result)]
    assert keys == list(range(12))


async def test_a_server_that_restarts_is_waited_for_longer_than_the_attempts_last(server):
    impatient = RetryPolicy(initial_seconds=0.01, max_seconds=0.02)
    async with AsyncClient(server.target, retry=impatient) as client:
        results = client.read_many(b"wait 0.02 %d" % number for number in range(30))
        read = [text_of(await anext(results))]
        await asyncio.to_thread(server.stop)
        waiting = asyncio.ensure_future(anext(results))
        await asyncio.sleep(20 * impatient.max_seconds * impatient.attempts)
        alone = asyncio.ensure_future(client.read(b"alone"))
        await asyncio.sleep(2 * impatient.max_seconds * impatient.attempts)
        await asyncio.to_thread(server.start)
        read += [text_of(await waiting), *[text_of(result) async for result in results]]
        assert (await alone).pages[0].text == "alone"
    assert read == [str(number) for number in range(30)]


@pytest.mark.parametrize("policy", [{"attempts": 1}, {"patience_seconds": 0.05}])
async def test_patience_ends(server, policy):
    quick = RetryPolicy(initial_seconds=0.01, max_seconds=0.02, **policy)
    async with AsyncClient(server.target, retry=quick) as client:
        assert (await client.read(b"text")).pages[0].text == "text"
        await asyncio.to_thread(server.stop)
        try:
            with pytest.raises(OcrError, match="UNAVAILABLE"):
                await client.read(b"text")
            results = [result.error.code.name async for result in client.read_many([b"text"] * 3)]
            assert results == ["UNAVAILABLE"] * 3
        finally:
            await asyncio.to_thread(server.start)


async def test_images_that_a_draining_server_refuses_are_sent_again(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(refuse=True)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        results = await results_of(client, [(number, b"%d" % number) for number in range(9)])
    assert [text_of(result) for result in results] == [str(number) for number in range(9)]
    assert server.ocr.streams[0].half_closed


async def test_after_enough_attempts_every_image_is_answered_with_unavailable(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(break_after=2), *(stream_plan(break_after=0) for _ in range(9))]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        results = await results_of(client, [(number, b"text") for number in range(12)])
    assert [result.key for result in results] == list(range(12))
    assert [result.error and result.error.code.name for result in results] == [None] * 2 + ["UNAVAILABLE"] * 10
    assert len(server.ocr.streams) == quick_retry.attempts


@pytest.mark.parametrize("order", ["ordered", "as_completed"])
async def test_images_of_a_connection_that_broke_are_sent_again_one_at_a_time(server, stream_plan, quick_retry, order):
    server.ocr.plans = [stream_plan(break_after=2, loses=True)]
    images = [(number, b"wait 0.02 %d" % number) for number in range(9)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        results = await results_of(client, images, order=order)
    assert sorted((result.key, text_of(result)) for result in results) == [(n, str(n)) for n in range(9)]
    assert len(server.ocr.streams) == 2


async def test_an_image_that_ends_servers_is_sent_once_more_alone_and_then_is_an_error(
    server, stream_plan, quick_retry
):
    server.ocr.plans = [stream_plan(break_after=0, loses=True), stream_plan(break_after=0, loses=True)]
    images = [(0, b"hang"), *((number, b"%d" % number) for number in range(1, 9))]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        first, *others = await results_of(client, images)
    assert first.error.code is grpc.StatusCode.UNAVAILABLE
    assert "broke 2 times while this image was read; it is not sent again" in first.error.message
    assert [text_of(result) for result in others] == [str(number) for number in range(1, 9)]
    assert server.ocr.streams[1].images == [b"hang"], "alone"
    assert len(server.ocr.streams) == 3


async def test_an_image_that_did_not_leave_whole_broke_no_connection(quick_retry):
    pending = PendingImages(ordered=True, timeout_seconds=None, retry=quick_retry, takers=Takers())
    for number in range(2):
        pending.post(pending.admit(number), ocr_pb2.Image(encoded=b"text"))
    outbox = pending.open_outbox()
    pending.sent(outbox.get_nowait())
    error = OcrError(grpc.StatusCode.UNAVAILABLE, "the stream broke")
    for _ in range(2):
        pending.break_off(error)
        outbox = pending.open_outbox()
        pending.sent(outbox.get_nowait())
        assert outbox.empty(), "the first alone"
    pending.break_off(error)
    assert pending.results.get_nowait().key == 0
    assert pending.open_outbox().qsize() == 1, "the second, which never left"


async def test_without_a_server_every_image_is_answered_with_unavailable(tmp_path, quick_retry):
    async with AsyncClient(f"unix:{tmp_path}/none", retry=quick_retry) as client:
        results = await results_of(client, [(number, b"text") for number in range(5)])
    assert [(result.key, result.error.code.name) for result in results] == [(n, "UNAVAILABLE") for n in range(5)]
