"""Intake with a context that has messages ready: how long they are waited for."""

import asyncio
import gc

import grpc
import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.errors import DeadlineExceeded, QueueFull, StreamEnded
from edgeocr.server.grpc.call import Call
from edgeocr.server.grpc.interceptors.intake import PROBE_BYTES
from edgeocr.server.memory.reservation import Use
from tests.server.grpc.interceptors.intake import MESSAGE, TOTAL, Server, settle


async def test_a_single_message_reaches_its_handler_and_nothing_is_held_then():
    server = Server()
    assert await server.unary(MESSAGE) == "answer"
    assert [message.data for message in server.seen] == [MESSAGE]
    assert server.budget.used_bytes()[Use.ARRIVING] == 0


async def test_a_call_without_its_message_is_wrong():
    with pytest.raises(InvalidInput, match="message: is missing"):
        await Server().unary(grpc.aio.EOF)


async def test_every_message_of_a_stream_is_handed_out_and_none_is_kept_while_the_next_is_waited_for():
    server = Server()
    context, answers = await server.stream(MESSAGE, MESSAGE, call=Call("client"))
    assert [await anext(answers) for _ in range(2)] == ["answer"] * 2
    waiting = asyncio.create_task(anext(answers))
    await settle()
    gc.collect()
    assert context.reads == 3
    assert [message() for message in server.seen] == [None, None]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_silent_streams_keep_nobody_waiting():
    server = Server()
    streams = [await server.stream(call=Call("camera")) for _ in range(100)]
    waiting = [asyncio.create_task(anext(answers)) for _, answers in streams]
    await settle()
    assert await asyncio.wait_for(server.unary(MESSAGE, name="new"), 1) == "answer"
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


@pytest.mark.parametrize(
    "method", ["/grpc.health.v1.Health/Check", "/inference.GRPCInferenceService/ServerReady", "/any.Service/Method"]
)
async def test_what_carries_no_image_may_be_small_only(method):
    server = Server()
    assert await server.unary(bytes(PROBE_BYTES), method=method) == "answer"
    with pytest.raises(InvalidInput, match=str(PROBE_BYTES)):
        await server.unary(bytes(PROBE_BYTES + 1), method=method)


async def test_a_message_that_does_not_come_is_given_up():
    server = Server(message_seconds=0.01)
    asking = asyncio.create_task(server.unary())
    await asyncio.sleep(0.05)
    server.reads.look()
    with pytest.raises(DeadlineExceeded, match=r"message: none arrived within 0\.01 s"):
        await asking


async def test_a_silent_stream_ends_unless_the_server_has_something_to_do_for_it():
    server, busy, idle = Server(idle_seconds=0.01), Call("busy", is_busy=lambda: True), Call("idle")
    waiting = []
    for call in (busy, idle):
        _, answers = await server.stream(call=call)
        waiting.append(asyncio.create_task(anext(answers)))
    await asyncio.sleep(0.05)
    server.reads.look()
    with pytest.raises(StreamEnded, match="idle_seconds"):
        await waiting[1]
    assert not waiting[0].done()
    waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_a_single_call_is_refused_before_its_message_is_read_while_the_queue_is_full():
    server = Server()
    server.full = True
    with pytest.raises(QueueFull):
        await server.unary(MESSAGE)
    assert server.seen == []
    assert server.rejected("queue_full") == 1
    labels = {"method": "Recognize", "code": "RESOURCE_EXHAUSTED"}
    assert server.metrics.registry.get_sample_value("edgeocr_request_duration_seconds_count", labels) == 1
    server.full = False
    assert await server.unary(MESSAGE) == "answer"


async def test_a_message_that_was_refused_unread_is_not_held_against_the_next_on_its_connection():
    server, peer = Server(), ("192.0.2.1", 5)
    server.received[peer] = 0
    assert await server.unary(MESSAGE, peer=peer) == "answer"
    server.received[peer], server.full = TOTAL, True
    with pytest.raises(QueueFull):
        await server.unary(MESSAGE, peer=peer)
    server.full = False
    waiting = asyncio.create_task(server.unary(peer=peer))
    await settle()
    server.reads.look()
    await settle()
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
