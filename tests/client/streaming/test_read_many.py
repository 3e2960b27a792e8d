"""Many images over one stream: order, bounds, errors of one and of all, early ends."""

import asyncio

import grpc
import pytest

from edgeocr.client import AsyncClient, OcrError
from tests.client.streaming.results import results_of, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(30)]


async def test_results_keep_the_order_of_the_images(server):
    texts = [b"wait 0.2 a", b"b", b"wait 0.1 c", b"d", b"e", b"f"]
    async with AsyncClient(server.target) as client:
        results = await results_of(client, enumerate(texts))
    assert [(result.key, text_of(result)) for result in results] == list(enumerate("abcdef"))
    assert all(result.timings.total_seconds == 0.5 for result in results)
    assert len(server.ocr.streams) == 1
    assert server.ocr.streams[0].config.omit_line_events


async def test_results_come_as_completed_if_asked(server):
    async with AsyncClient(server.target) as client:
        results = await results_of(client, enumerate([b"wait 0.3 a", b"b", b"wait 0.1 c"]), order="as_completed")
    assert [result.key for result in results] == [1, 2, 0]


async def test_no_images_give_no_results(server):
    async with AsyncClient(server.target) as client:
        assert await results_of(client, []) == []
    assert server.ocr.streams == []


async def test_choices_reach_the_server(server):
    async with AsyncClient(server.target, timeout_seconds=7) as client:
        await results_of(client, [(0, b"a")], mode="line", characters=True, order="as_completed", timeout_seconds=3)
        await results_of(client, [(0, b"a")])
    first, second = server.ocr.streams
    assert (first.config.options.mode, first.config.options.include_characters) == (2, True)
    assert (first.config.order, first.timeouts, second.timeouts) == (2, [3.0], [7.0])


@pytest.mark.parametrize("choices", [{"mode": "book"}, {"order": "random"}, {"in_flight": 0}])
async def test_wrong_choices_are_refused_at_once(server, choices):
    async with AsyncClient(server.target) as client:
        with pytest.raises(ValueError):
            client.read_many([], **choices)


async def test_ids_differ_though_keys_are_equal(server):
    async with AsyncClient(server.target) as client:
        results = await results_of(client, [("same", b"%d" % number) for number in range(20)])
    assert [text_of(result) for result in results] == [str(number) for number in range(20)]
    assert len(set(server.ocr.streams[0].ids)) == 20


@pytest.mark.parametrize(("in_flight", "expected"), [(None, 4), (2, 2), (9, 9)])
async def test_only_so_many_images_are_pulled_ahead(server, in_flight, expected):
    pulled = 0

    def images():
        nonlocal pulled
        for number in range(40):
            pulled += 1
            yield number, b"text"

    async with AsyncClient(server.target) as client:
        taken = 0
        async for _ in client.read_many(images(), in_flight=in_flight):
            taken += 1
            if taken % 10 == 1:
                await asyncio.sleep(0.1)
            assert pulled <= taken + expected
        assert (taken, pulled) == (40, 40)


async def test_files_are_opened_only_when_they_may_be_sent(server, tmp_path):
    path = tmp_path / "late"
    async with AsyncClient(server.target) as client:
        results = client.read_many([(0, b"a"), (1, b"b"), (2, b"c"), (3, path)], in_flight=2)
        assert text_of(await anext(results)) == "a"
        await asyncio.sleep(0.1)
        path.write_bytes(b"written late")
        assert [text_of(result) async for result in results] == ["b", "c", "written late"]


async def test_images_may_come_from_an_async_iterable_that_pauses(server):
    async def images():
        for number in range(3):
            yield number, b"text"
            await asyncio.sleep(0.1)

    async with AsyncClient(server.target) as client:
        keys = []
        async for result in client.read_many(images()):
            keys.append(result.key)
            assert len(server.ocr.streams[0].images) <= len(keys) + 1
    assert keys == [0, 1, 2]


async def test_an_error_of_one_image_is_its_result_alone(server):
    images = [b"a", b"error RESOURCE_EXHAUSTED the queue is full", b"error INVALID_ARGUMENT image: no", b"d"]
    async with AsyncClient(server.target) as client:
        results = await results_of(client, enumerate(images))
    assert [result.error and result.error.code.name for result in results] == [
        None,
        "RESOURCE_EXHAUSTED",
        "INVALID_ARGUMENT",
        None,
    ]
    assert results[1].error.message == "the queue is full"
    assert results[1].document is None
    assert len(server.ocr.streams[0].images) == 4


@pytest.mark.parametrize("order", ["ordered", "as_completed"])
async def test_what_cannot_be_loaded_is_an_error_amid_good_ones(server, tmp_path, order):
    good = tmp_path / "good"
    good.write_bytes(b"good")
    refused = OcrError(grpc.StatusCode.PERMISSION_DENIED, "not yours")
    sources = [good, tmp_path / "missing", str(good), tmp_path, 7, refused, good]
    async with AsyncClient(server.target) as client:
        results = await results_of(client, enumerate(sources), order=order, in_flight=2)
    results.sort(key=lambda result: result.key)
    assert [result.error.code.name if result.error else text_of(result) for result in results] == [
        "good",
        "NOT_FOUND",
        "good",
        "INVALID_ARGUMENT",
        "INVALID_ARGUMENT",
        "PERMISSION_DENIED",
        "good",
    ]
    assert str(tmp_path / "missing") in results[1].error.message


async def test_many_images_that_cannot_be_loaded_do_not_stall_the_stream(server):
    async with AsyncClient(server.target) as client:
        results = await results_of(client, [(number, "/nowhere") for number in range(30)], in_flight=2)
    assert [result.error.code.name for result in results] == ["NOT_FOUND"] * 30


async def test_an_image_beyond_the_message_limit_is_refused_before_it_ends_the_stream(server, tmp_path):
    server.ocr.info.limits.message_bytes = 2000
    large = tmp_path / "large"
    large.write_bytes(b"x" * 3000)
    async with AsyncClient(server.target) as client:
        results = await results_of(client, enumerate([b"a", b"x" * 3000, large, b"d"]))
    assert [result.error and result.error.code.name for result in results] == [
        None,
        "RESOURCE_EXHAUSTED",
        "RESOURCE_EXHAUSTED",
        None,
    ]
    assert "message_bytes" in results[1].error.message


async def test_an_image_may_be_larger_than_the_default_of_grpc(server):
    text = b"x" * 6_000_000
    async with AsyncClient(server.target) as client:
        (result,) = await results_of(client, [(0, text)])
    assert len(text_of(result)) == 6_000_000


async def test_images_that_come_alone_are_named_by_their_place(server):
    async def coming():
        for text in (b"c", b"d"):
            yield text

    async with AsyncClient(server.target) as client:
        assert [(result.key, text_of(result)) for result in await results_of(client, [b"a", b"b"])] == [
            (0, "a"),
            (1, "b"),
        ]
        mixed = [b"a", ("named", b"b")]
        assert [result.key for result in await results_of(client, mixed)] == [0, "named"]
        assert [(result.key, text_of(result)) for result in await results_of(client, coming())] == [(0, "c"), (1, "d")]


@pytest.mark.parametrize("one", ["scan.jpg", b"file"])
async def test_one_image_is_not_many(server, one):
    async with AsyncClient(server.target) as client:
        with pytest.raises(TypeError, match="got one"):
            client.read_many(one)


async def test_another_error_of_the_stream_is_that_of_every_unanswered_image(server, stream_plan, quick_retry):
    code = grpc.StatusCode.INVALID_ARGUMENT
    # Further streams come only where gRPC lost the status of those before.
    objecting = [stream_plan(break_after=0, break_code=code) for _ in range(quick_retry.attempts)]
    server.ocr.plans = [stream_plan(break_after=1, break_code=code), *objecting]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        results = await results_of(client, [(number, b"text") for number in range(8)])
    assert [result.error and result.error.code.name for result in results] == [None] + ["INVALID_ARGUMENT"] * 7


async def test_an_error_of_the_callers_iterable_comes_after_the_results_before_it(server):
    def images():
        yield 0, b"a"
        yield 1, b"b"
        raise LookupError("the caller's own")

    async with AsyncClient(server.target) as client:
        results = client.read_many(images())
        assert [text_of(await anext(results)), text_of(await anext(results))] == ["a", "b"]
        with pytest.raises(LookupError):
            await anext(results)


@pytest.mark.parametrize("image", [b"text", b"hang"])
async def test_closing_early_cancels_the_stream_and_leaves_no_task(server, image):
    async with AsyncClient(server.target) as client:
        await client.info()
        before = asyncio.all_tasks()
        results = client.read_many([(0, b"first"), *((number, image) for number in range(1, 50))])
        await anext(results)
        await results.aclose()
        # A task of gRPC's own follows a cancelled call for a moment.
        await until(lambda: asyncio.all_tasks() == before)
        await until(lambda: server.ocr.streams[0].over)
    assert len(server.ocr.streams[0].images) < 10


async def test_cancelling_the_reader_leaves_no_task(server):
    async with AsyncClient(server.target) as client:
        await client.info()
        before = asyncio.all_tasks()
        reader = asyncio.create_task(results_of(client, [(0, b"hang")]))
        await until(lambda: server.ocr.streams and server.ocr.streams[0].images)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        # A task of gRPC's own follows a cancelled call for a moment.
        await until(lambda: asyncio.all_tasks() == before)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.01)
