"""Intake with a context that has messages ready: how long they are waited for, and whose reads end."""

import asyncio
import gc
import weakref
from types import SimpleNamespace

import grpc
import pytest

from edgeocr.model.errors import InvalidInput, Limit
from edgeocr.server.errors import DeadlineExceeded, MemoryFull, QueueFull, StreamEnded
from edgeocr.server.grpc.call import CURRENT, Call
from edgeocr.server.grpc.interceptors import pending_reads
from edgeocr.server.grpc.interceptors.intake import PROBE_BYTES, Intake
from edgeocr.server.grpc.interceptors.pending_reads import PendingReads
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics

MESSAGE = b"m" * 1000
TOTAL = 100_000
RECOGNIZE, STREAM = "/edgeocr.v1.OcrService/Recognize", "/edgeocr.v1.OcrService/RecognizeStream"


class Message:
    def __init__(self, data):
        self.data = data


class Context:
    """A call whose client has sent given messages, and then waits or, with the end, is done."""

    def __init__(self, parse, *messages):
        self.messages, self.parse = [*messages], parse
        self.reads = 0

    async def read(self):
        self.reads += 1
        if not self.messages:
            await asyncio.Future()
        message = self.messages.pop(0)
        return message if message is grpc.aio.EOF else self.parse(message)


class Server:
    """Intake before handlers that keep what they are given."""

    def __init__(self, message_seconds=60, idle_seconds=60, total=TOTAL):
        self.budget, self.metrics, self.resident = Budget(total), Metrics(), 0
        self.received = {}
        counts = SimpleNamespace(of=self._counts, find=lambda: None)
        self.reads = PendingReads(
            self.budget, 9000, read_resident=lambda: self.resident, received=counts, give_back=lambda: None
        )
        self.intake = Intake(
            self.reads,
            self.budget,
            self.metrics,
            self.check_queue,
            message_seconds=message_seconds,
            idle_seconds=idle_seconds,
        )
        self.seen, self.full = [], False

    def _counts(self, peers):
        return {peer: self.received[peer] for peer in peers if peer in self.received}

    def check_queue(self, caller):
        if self.full:
            raise QueueFull("full", Limit("queue_images", 1, 2), 0.5)

    async def handler(self, made, method):
        async def continuation(details):
            return made

        return await self.intake.intercept_service(continuation, SimpleNamespace(method=method))

    async def unary(self, *messages, name="client", method=RECOGNIZE, peer=("", 0)):
        async def behave(message, context):
            self.seen.append(message)
            return "answer"

        handler = await self.handler(grpc.unary_unary_rpc_method_handler(behave, Message), method)
        CURRENT.set(Call(name, peer))
        return await handler.stream_unary(None, Context(handler.request_deserializer, *messages))

    async def stream(self, *messages, call):
        async def behave(messages, context):
            async for message in messages:
                self.seen.append(weakref.ref(message))
                del message
                yield "answer"

        handler = await self.handler(grpc.stream_stream_rpc_method_handler(behave, Message), STREAM)
        CURRENT.set(call)
        context = Context(handler.request_deserializer, *messages)
        return context, handler.stream_stream(None, context)

    def rejected(self, reason):
        return self.metrics.registry.get_sample_value("edgeocr_rejected_total", {"reason": reason})


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


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
    with pytest.raises(DeadlineExceeded, match=r"message: none came within 0\.01 s"):
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


async def test_when_memory_is_short_the_newest_reads_of_whoever_has_most_end():
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


async def test_no_read_begins_long_after_a_look_at_what_has_come(monkeypatch):
    server = Server()
    limit, peer, other = server.budget.most_bytes(Use.ARRIVING), ("192.0.2.1", 1), ("192.0.2.2", 1)
    many = asyncio.create_task(server.unary(name="many", peer=peer))
    await settle()
    server.received = {peer: 0}
    server.reads.look()
    server.received = {peer: limit + 1}
    assert await server.unary(MESSAGE, name="soon", peer=other) == "answer"
    assert not many.done()
    monkeypatch.setattr(pending_reads, "_NEAR_LOOK_SECONDS", -1.0)
    assert await server.unary(MESSAGE, name="late", peer=other) == "answer"
    with pytest.raises(MemoryFull):
        await many


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
    with pytest.raises(StreamEnded, match="short of memory") as error:
        await waiting
    assert (error.value.code, error.value.reason) == ("UNAVAILABLE", "memory_full")


async def test_nothing_of_a_read_that_was_ended_is_left_for_the_garbage():
    server = Server()
    context, answers = await server.stream(call=Call("client"))
    left = weakref.ref(context)
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
    assert await server.unary(MESSAGE, name="few") == "answer"
    with pytest.raises(MemoryFull):
        await server.unary(MESSAGE, name="many")
    many.cancel()
    await asyncio.gather(many, return_exceptions=True)


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
