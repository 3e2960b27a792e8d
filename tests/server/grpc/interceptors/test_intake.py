"""Reception with a context that has messages ready: when they are read, and what is held for them."""

import asyncio
import gc
import weakref
from types import SimpleNamespace

import grpc
import pytest

from edgeocr.model.errors import InvalidInput, Limit
from edgeocr.server.errors import MemoryFull, QueueFull
from edgeocr.server.grpc.interceptors import intake
from edgeocr.server.grpc.interceptors.intake import Intake
from edgeocr.server.memory.budget import Budget, Use
from edgeocr.server.metrics import Metrics

MESSAGE = b"m" * 1000


class Message:
    def __init__(self, data):
        self.data = data


class Context:
    """A call whose client has sent given messages, and then waits or, with the end, is done."""

    def __init__(self, name, parse, *messages):
        self.messages, self.parse, self.name = [*messages], parse, name
        self.reads = 0

    def peer(self):
        return self.name

    async def read(self):
        self.reads += 1
        if not self.messages:
            await asyncio.Future()
        message = self.messages.pop(0)
        return message if message is grpc.aio.EOF else self.parse(message)


class Server:
    """Reception before handlers that keep what they are given."""

    def __init__(self, total_bytes=100_000):
        self.budget, self.metrics = Budget(total_bytes), Metrics()
        self.intake = Intake(self.budget, self.metrics, self.check_queue)
        self.seen, self.full = [], False

    def check_queue(self, caller):
        if self.full:
            raise QueueFull("full", Limit("queue_images", 1, 2), 0.5)

    async def handler(self, made, method="/edgeocr.v1.OcrService/Recognize"):
        async def continuation(details):
            return made

        return await self.intake.intercept_service(continuation, SimpleNamespace(method=method))

    async def unary(self, *messages, name="client"):
        async def behave(message, context):
            self.seen.append(message)
            return "answer"

        handler = await self.handler(grpc.unary_unary_rpc_method_handler(behave, Message))
        context = Context(name, handler.request_deserializer, *messages)
        return await handler.stream_unary(None, context)

    async def stream(self, *messages, name="client"):
        async def behave(messages, context):
            async for message in messages:
                self.seen.append(weakref.ref(message))
                del message
                yield "answer"

        handler = await self.handler(grpc.stream_stream_rpc_method_handler(behave, Message))
        context = Context(name, handler.request_deserializer, *messages)
        return context, handler.stream_stream(None, context)

    @property
    def arriving_bytes(self):
        return self.budget.used_bytes()[Use.ARRIVING]


async def settle():
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_single_message_reaches_its_handler_and_nothing_is_held_then():
    server = Server()
    assert await server.unary(MESSAGE) == "answer"
    assert [message.data for message in server.seen] == [MESSAGE]
    assert server.arriving_bytes == 0


async def test_a_call_without_its_message_is_wrong():
    with pytest.raises(InvalidInput, match="message: is missing"):
        await Server().unary(grpc.aio.EOF)


async def test_every_message_of_a_stream_is_handed_out_and_none_is_kept_while_the_next_is_waited_for():
    server = Server()
    context, answers = await server.stream(MESSAGE, MESSAGE)
    assert [await anext(answers) for _ in range(2)] == ["answer"] * 2
    waiting = asyncio.create_task(anext(answers))
    await settle()
    gc.collect()
    assert context.reads == 3
    assert [message() for message in server.seen] == [None, None]
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert server.arriving_bytes == 0


async def test_a_message_is_reckoned_with_as_much_as_the_last_one_and_its_copy():
    server = Server()
    _, answers = await server.stream(MESSAGE)
    await anext(answers)
    waiting = asyncio.create_task(anext(answers))
    await settle()
    assert server.arriving_bytes == 2 * len(MESSAGE)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert server.arriving_bytes == 0


async def test_a_new_connection_is_reckoned_with_the_largest_message_of_late():
    server = Server()
    await server.unary(b"l" * 20_000, name="large")
    await server.unary(MESSAGE, name="small")
    _, answers = await server.stream(name="new")
    waiting = asyncio.create_task(anext(answers))
    await settle()
    assert server.arriving_bytes == 2 * 18_000
    waiting.cancel()


async def test_somebody_elses_large_messages_do_not_keep_a_connection_waiting_that_has_long_sent_small_ones():
    server = Server()
    for _ in range(16):
        await server.unary(MESSAGE, name="small")
    await server.unary(b"l" * 20_000, name="large")
    server.budget.take(Use.ARRIVING, server.budget.most_bytes(Use.ARRIVING) - 2 * len(MESSAGE))
    assert await asyncio.wait_for(server.unary(MESSAGE, name="small"), 1) == "answer"


async def test_a_silent_stream_gives_up_its_claim(monkeypatch):
    monkeypatch.setattr(intake, "_STREAM_PROMPT_SECONDS", 0.01)
    server = Server()
    _, answers = await server.stream(MESSAGE)
    await anext(answers)
    waiting = asyncio.create_task(anext(answers))
    await asyncio.sleep(0.05)
    assert server.arriving_bytes == 0
    assert not waiting.done()
    waiting.cancel()


async def test_nothing_is_read_while_there_is_no_room():
    server = Server()
    await server.unary(MESSAGE)
    server.budget.take(Use.ARRIVING, server.budget.most_bytes(Use.ARRIVING))
    context, answers = await server.stream(MESSAGE)
    waiting = asyncio.create_task(anext(answers))
    await asyncio.sleep(0.1)
    assert context.reads == 0
    server.budget.adjust(Use.ARRIVING, -server.budget.most_bytes(Use.ARRIVING))
    assert await asyncio.wait_for(waiting, 5) == "answer"


async def test_a_single_call_that_waits_too_long_for_room_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(intake, "_PATIENCE_SECONDS", 0.05)
    server = Server()
    await server.unary(MESSAGE)
    server.budget.take(Use.ARRIVING, server.budget.most_bytes(Use.ARRIVING))
    with pytest.raises(MemoryFull, match="arriving_bytes"):
        await server.unary(MESSAGE)
    assert server.metrics.registry.get_sample_value("edgeocr_rejected_total", {"reason": "memory_full"}) == 1


@pytest.mark.parametrize("method", ["/grpc.health.v1.Health/Check", "/inference.GRPCInferenceService/ServerReady"])
async def test_probes_do_not_wait_for_room(method):
    server = Server()
    made = grpc.unary_unary_rpc_method_handler(lambda request, context: None)
    assert await server.handler(made, method) is made


async def test_a_single_call_is_refused_before_its_message_is_read_while_the_queue_is_full():
    server = Server()
    server.full = True
    with pytest.raises(QueueFull):
        await server.unary(MESSAGE)
    assert server.seen == []
    sample = server.metrics.registry.get_sample_value
    assert sample("edgeocr_rejected_total", {"reason": "queue_full"}) == 1
    labels = {"method": "Recognize", "code": "RESOURCE_EXHAUSTED"}
    assert sample("edgeocr_request_duration_seconds_count", labels) == 1
    server.full = False
    assert await server.unary(MESSAGE) == "answer"
