"""Whose reads end, and what is refused, where memory is short of what has come."""

import asyncio
import gc
import itertools
import threading
import weakref
from types import SimpleNamespace

import grpc
import pytest

from edgeocr.model.errors import InvalidInput
from edgeocr.server.errors import MemoryFull, StreamEnded
from edgeocr.server.grpc.call import CURRENT, Call
from edgeocr.server.grpc.interceptors import pending_reads
from edgeocr.server.grpc.interceptors.intake import PROBE_BYTES
from edgeocr.server.memory.reservation import Use
from tests.server.grpc.interceptors.intake import MESSAGE, TOTAL, Context, Server, settle


async def test_when_memory_is_short_the_newest_reads_of_the_largest_caller_end():
    server = Server()
    many = [asyncio.create_task(server.unary(name="many")) for _ in range(3)]
    await settle()
    few = asyncio.create_task(server.unary(name="few"))
    await settle()
    server.resident = TOTAL * 86 // 100
    server.reads.look()
    await settle()
    assert [one.done() for one in (*many, few)] == [False, False, True, False]
    with pytest.raises(MemoryFull) as refusal:
        await many[2]
    assert refusal.value.retry_seconds
    assert server.rejected("memory_full") == 1
    for one in (*many, few):
        one.cancel()
    await asyncio.gather(*many, few, return_exceptions=True)


async def test_what_has_come_beyond_its_limit_ends_for_who_has_most_and_on_the_newest_connection_alone():
    server = Server()
    limit = server.budget.most_bytes(Use.ARRIVING)
    old, new, third, other = [("192.0.2.1", 1)] * 2, [("192.0.2.1", 2)] * 2, [("192.0.2.1", 3)], [("192.0.2.2", 1)]
    many = [asyncio.create_task(server.unary(name="many", peer=peer)) for peer in (*old, *new, *third)]
    few = asyncio.create_task(server.unary(name="few", peer=other[0]))
    await settle()
    server.received = {old[0]: limit // 2, new[0]: limit // 2, third[0]: 0, other[0]: limit // 4}
    server.reads.look()
    await settle()
    assert [one.done() for one in (*many, few)] == [False, False, True, True, False, False]
    with pytest.raises(MemoryFull):
        await many[2]
    assert server.budget.used_bytes()[Use.ARRIVING] <= limit
    for one in (*many, few):
        one.cancel()
    await asyncio.gather(*many, few, return_exceptions=True)


async def test_between_two_looks_no_more_reads_begin_than_there_is_room_for():
    server = Server()
    # Of 9,000 bytes each.
    server.resident = TOTAL * 60 // 100
    silent = [await server.stream(call=Call("camera")) for _ in range(5)]
    waiting = [asyncio.create_task(anext(answers)) for _, answers in silent]
    await settle()
    assert sum(context.reads for context, _ in silent) == 2
    # What the camera leaves is another caller's, again and again.
    for _ in range(3):
        assert await asyncio.wait_for(server.unary(MESSAGE, name="new"), 1) == "answer"
    server.reads.look()
    await settle()
    assert sum(context.reads for context, _ in silent) == 2
    server.reads.look()
    await settle()
    assert sum(context.reads for context, _ in silent) == 4
    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_what_reads_that_ended_held_is_given_back_once_and_not_in_the_event_loop(monkeypatch):
    server, threads = Server(), []
    monkeypatch.setattr(server.reads, "_give_back", lambda: threads.append(threading.current_thread()))
    await server.reads.look_and_rest()
    reading = asyncio.create_task(server.unary())
    await settle()
    server.resident = TOTAL
    await server.reads.look_and_rest()
    assert reading.done()
    assert threads == []
    for _ in range(3):
        await server.reads.look_and_rest()
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
    with pytest.raises(MemoryFull):
        await reading


async def test_looks_that_take_long_rest_less_once_much_has_come(monkeypatch):
    server, peer, clock, rests = Server(), ("192.0.2.1", 1), itertools.count(), []
    reading = asyncio.create_task(server.unary(peer=peer))
    await settle()

    async def rest(seconds):
        rests.append(seconds)

    with monkeypatch.context() as patches:
        patches.setattr(pending_reads, "time", SimpleNamespace(monotonic=lambda: next(clock) / 64))
        patches.setattr(asyncio, "sleep", rest)
        await server.reads.look_and_rest()
        server.received = {peer: server.budget.most_bytes(Use.ARRIVING) // 2}
        await server.reads.look_and_rest()
    assert rests == [10 / 64, 1 / 64]
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_what_has_come_is_held_until_it_is_whole():
    server = Server(total=1 << 30)
    peer = ("192.0.2.1", 1)
    reading = asyncio.create_task(server.unary(name="one", peer=peer))
    await settle()
    server.received = {peer: 1 << 20}
    server.reads.look()
    assert server.budget.used_bytes()[Use.ARRIVING] == 1 << 20
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    server.reads.look()
    assert server.budget.used_bytes()[Use.ARRIVING] == 0


async def test_only_who_has_most_on_its_way_is_refused_early():
    server = Server()
    limit, peer = server.budget.most_bytes(Use.ARRIVING), ("192.0.2.1", 1)
    many = asyncio.create_task(server.unary(name="many", peer=peer))
    await settle()
    server.received = {peer: limit}
    server.reads.look()
    server.received = {peer: limit + 1}
    server.reads._incoming.look()
    assert await server.unary(MESSAGE, name="few") == "answer"
    with pytest.raises(MemoryFull):
        await server.unary(MESSAGE, name="many")
    many.cancel()
    await asyncio.gather(many, return_exceptions=True)


async def test_what_was_accounted_for_since_the_last_count_of_memory_counts_as_well(monkeypatch):
    monkeypatch.setattr(pending_reads, "time", SimpleNamespace(monotonic=lambda: 0.0))
    server = Server()
    server.resident = TOTAL * 60 // 100
    assert not server.reads.is_short("client")
    server.budget.hold(Use.ARRIVING, TOTAL * 30 // 100)
    assert server.reads.is_short("client")


async def test_memory_that_images_were_given_ends_no_read():
    server = Server()
    reading = asyncio.create_task(server.unary())
    await settle()
    server.budget.hold(Use.RUNNING, TOTAL * 90 // 100)
    server.resident = TOTAL * 86 // 100
    server.reads.look()
    await settle()
    assert not reading.done()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def test_a_stream_whose_read_ends_may_be_opened_again():
    server = Server()
    _, answers = await server.stream(call=Call("client"))
    waiting = asyncio.create_task(anext(answers))
    await settle()
    server.resident = TOTAL
    server.reads.look()
    with pytest.raises(StreamEnded, match="low on memory") as error:
        await waiting
    assert (error.value.code, error.value.reason) == ("UNAVAILABLE", "memory_full")


async def test_a_read_that_was_ended_goes_on_until_its_call_ends_so_that_grpc_frees_its_message():
    server = Server()
    context, answers = await server.stream(call=Call("client"))
    waiting = asyncio.create_task(anext(answers))
    await settle()
    server.resident = TOTAL
    server.reads.look()
    with pytest.raises(StreamEnded):
        await waiting
    await settle()
    assert (context.reads, context.done) == (1, 0)
    context.ended.set_result(None)
    await settle()
    assert context.done == 1


async def test_nothing_of_a_read_that_was_ended_is_left_for_the_garbage_once_its_call_has_ended():
    server = Server()
    context, answers = await server.stream(call=Call("client"))
    left, ended = weakref.ref(context), context.ended
    waiting = asyncio.create_task(anext(answers))
    await settle()
    del context, answers
    gc.collect()
    gc.disable()
    try:
        server.resident = TOTAL
        server.reads.look()
        await asyncio.wait({waiting})
        assert isinstance(waiting.exception(), StreamEnded)
        del waiting
        ended.set_result(None)
        await settle()
        assert left() is None
    finally:
        gc.enable()


async def test_nothing_of_a_message_that_is_wrong_is_left_for_the_garbage():
    server = Server()
    handler = await server.handler(grpc.unary_unary_rpc_method_handler(len), "/any.Service/Method")
    context = Context(handler.request_deserializer, bytes(PROBE_BYTES + 1))
    left = weakref.ref(context)
    CURRENT.set(Call("client"))
    gc.collect()
    gc.disable()
    try:
        answer = asyncio.create_task(handler.stream_unary(None, context))
        del context
        await asyncio.wait({answer})
        assert isinstance(answer.exception(), InvalidInput)
        del answer
        assert left() is None
    finally:
        gc.enable()


async def test_while_memory_is_short_no_single_call_is_read_unless_another_caller_has_more_to_end():
    server = Server()
    server.resident = TOTAL
    with pytest.raises(MemoryFull):
        await server.unary(MESSAGE)
    assert server.seen == []
    server.resident = 0
    many = asyncio.create_task(server.unary(name="many"))
    await settle()
    server.resident = TOTAL
    few = asyncio.create_task(server.unary(MESSAGE, name="few"))
    await settle()
    # A look at what has come would end what the other one has.
    for _ in range(2):
        server.reads._turns.look()
    assert await few == "answer"
    with pytest.raises(MemoryFull):
        await server.unary(MESSAGE, name="many")
    many.cancel()
    await asyncio.gather(many, return_exceptions=True)
