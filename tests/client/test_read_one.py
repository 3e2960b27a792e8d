"""One image at a time: the unary call, lines as they come, health and description."""

import asyncio

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from edgeocr.client import AsyncClient, OcrError
from edgeocr.proto.edgeocr.v1 import ocr_pb2

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(30)]


async def lines_of(client, image, **choices):
    return [event.line.text async for event in client.read_lines(image, **choices)]


async def test_an_image_is_read(server):
    async with AsyncClient(server.target) as client:
        response = await client.read(b"some text", mode="line", characters=True)
    assert response.pages[0].text == "some text"
    assert (server.ocr.options[0].mode, server.ocr.options[0].include_characters) == (2, True)


async def test_an_error_carries_code_and_message(server):
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError) as caught:
            await client.read(b"error INVALID_ARGUMENT image: is empty")
    assert (caught.value.code, caught.value.message) == (grpc.StatusCode.INVALID_ARGUMENT, "image: is empty")
    assert str(caught.value) == "INVALID_ARGUMENT: image: is empty"


@pytest.mark.parametrize("image", [b"text", b"x" * 1_000_000])
async def test_unavailable_is_retried(server, image):
    server.ocr.unary_failures = [grpc.StatusCode.UNAVAILABLE]
    async with AsyncClient(server.target) as client:
        await client.read(image)
    assert server.ocr.unary_calls == 2


@pytest.mark.parametrize("code", [grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL])
async def test_nothing_else_is_retried(server, code):
    server.ocr.unary_failures = [code]
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError) as caught:
            await client.read(b"text")
    assert (caught.value.code, server.ocr.unary_calls) == (code, 1)


async def test_a_file_that_is_missing_raises_as_files_do(server, tmp_path):
    async with AsyncClient(server.target) as client:
        with pytest.raises(FileNotFoundError):
            await client.read(tmp_path / "missing")


@pytest.mark.parametrize("own", [True, False])
async def test_a_deadline_ends_the_wait(server, own):
    async with AsyncClient(server.target, timeout_seconds=None if own else 0.1) as client:
        for call in (client.read, lines_of_client(client)):
            with pytest.raises(OcrError) as caught:
                await (call(b"hang", timeout_seconds=0.1) if own else call(b"hang"))
            assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


async def test_lines_are_yielded_as_they_are_read(server):
    async with AsyncClient(server.target) as client:
        assert await lines_of(client, b"one\ntwo\nthree", mode="line") == ["one", "two", "three"]
    assert server.ocr.streams[0].config.options.mode == 2
    assert not server.ocr.streams[0].config.omit_line_events


async def test_lines_end_with_the_error_of_the_image(server):
    async with AsyncClient(server.target) as client:
        with pytest.raises(OcrError) as caught:
            await lines_of(client, b"error INVALID_ARGUMENT image: no")
    assert caught.value.message == "image: no"


async def test_lines_are_asked_for_again_while_none_came(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(break_after=0), stream_plan(break_after=0)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        assert await lines_of(client, b"wait 0.1 one\ntwo") == ["one", "two"]
    assert len(server.ocr.streams) == 3


async def test_lines_give_up_after_enough_attempts(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(break_after=0) for _ in range(9)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        with pytest.raises(OcrError) as caught:
            await lines_of(client, b"wait 0.1 one")
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
    assert len(server.ocr.streams) == quick_retry.attempts


async def test_an_image_that_ends_servers_is_sent_once_more_only(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(break_after=0, loses=True) for _ in range(9)]
    server.ocr.unary_failures = [grpc.StatusCode.UNAVAILABLE] * 9
    async with AsyncClient(server.target, retry=quick_retry) as client:
        for ask in (client.read(b"poison"), lines_of(client, b"hang")):
            with pytest.raises(OcrError, match="broke 2 times while this image was read; it is not sent again"):
                await ask
    assert (server.ocr.unary_calls, len(server.ocr.streams)) == (2, 2)


async def test_lines_are_asked_for_again_when_a_full_server_says_so(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(full=True) for _ in range(quick_retry.attempts - 1)]
    async with AsyncClient(server.target, retry=quick_retry) as client:
        assert await lines_of(client, b"one\ntwo") == ["one", "two"]
    assert len(server.ocr.streams) == quick_retry.attempts


@pytest.mark.parametrize(("image", "timeout_seconds"), [(b"full 0.01", None), (b"full 30", 5.0)])
async def test_lines_are_not_waited_for_beyond_the_attempts_or_the_deadline(
    server, quick_retry, image, timeout_seconds
):
    async with AsyncClient(server.target, retry=quick_retry) as client:
        with pytest.raises(OcrError) as caught:
            await lines_of(client, image, timeout_seconds=timeout_seconds)
    assert caught.value.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(server.ocr.streams) == (1 if timeout_seconds else quick_retry.attempts)


async def test_closing_lines_early_cancels_the_stream(server):
    async with AsyncClient(server.target) as client:
        lines = client.read_lines(b"one\n" * 2000)
        await anext(lines)
        await lines.aclose()
        async with asyncio.timeout(20):
            while not server.ocr.streams[0].over:
                await asyncio.sleep(0.01)
        assert server.ocr.streams[0].over


async def test_info_describes_the_server(server):
    async with AsyncClient(server.target) as client:
        assert (await client.info()).version == "1.2.3"


async def test_serving_is_what_health_says(server):
    async with AsyncClient(server.target) as client:
        assert await client.is_serving()
        await asyncio.to_thread(server.set_serving, False)
        assert not await client.is_serving()


async def test_nobody_is_not_serving(tmp_path):
    async with AsyncClient(f"unix:{tmp_path}/none") as client:
        assert not await client.is_serving()


async def test_waiting_ends_when_the_server_serves(stopped_server):
    async with AsyncClient(stopped_server.target) as client:
        waiting = asyncio.create_task(client.wait_until_serving(20))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(stopped_server.start, serving=False)
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await asyncio.to_thread(stopped_server.set_serving, True)
        await waiting
    await asyncio.to_thread(stopped_server.stop)


async def test_waiting_for_too_long_is_an_error(tmp_path):
    async with AsyncClient(f"unix:{tmp_path}/none") as client:
        with pytest.raises(OcrError) as caught:
            await client.wait_until_serving(0.2)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED


def lines_of_client(client):
    return lambda image, **choices: lines_of(client, image, **choices)


async def test_a_partial_answer_is_given_time_to_arrive(server):
    async with AsyncClient(server.target) as client:
        await client.read(b"text", timeout_seconds=20.0)
        await client.read(b"text", timeout_seconds=20.0, partial=True)
    (work, call), (partial_work, partial_call) = server.ocr.timeouts
    assert (work, partial_work) == (0, pytest.approx(20, abs=1))
    assert call < 20.5 < partial_call
    assert [options.allow_partial for options in server.ocr.options] == [False, True]


async def test_omitted_steps_are_sent(server):
    async with AsyncClient(server.target) as client:
        await client.read(b"text")
        await client.read(b"text", omit=["skew", "enhancement"])
        with pytest.raises(ValueError, match="orientation, skew, enhancement"):
            await client.read(b"text", omit=["colour"])
    assert [list(options.omit) for options in server.ocr.options] == [
        [],
        [ocr_pb2.PREPARATION_SKEW, ocr_pb2.PREPARATION_ENHANCEMENT],
    ]


async def test_an_error_says_its_limit_and_what_for(server):
    status = status_pb2.Status(code=8, message="too large")
    info = error_details_pb2.ErrorInfo(reason="TOO_LARGE", domain="edgeocr", metadata={"limit": "image_bytes"})
    for detail in (info, error_details_pb2.RetryInfo()):
        status.details.add().Pack(detail)
    error = OcrError.from_status(status)
    assert (error.reason, error.limit, error.retry_seconds) == ("TOO_LARGE", "image_bytes", 0.0)
    assert (OcrError.from_status(status_pb2.Status(code=8)).reason, error.message) == ("", "too large")
