"""Intake before handlers that keep what they are given, and calls whose messages are ready."""

import asyncio
import math
import weakref
from types import SimpleNamespace

import grpc

from edgeocr.model.errors import Limit
from edgeocr.server.errors import QueueFull
from edgeocr.server.grpc.call import CURRENT, Call
from edgeocr.server.grpc.interceptors.intake import Intake
from edgeocr.server.grpc.interceptors.pending_reads import PendingReads
from edgeocr.server.memory.budget import Budget
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
        self.reads = self.done = 0
        self.ended = asyncio.Future()

    async def read(self):
        self.reads += 1
        if not self.messages:
            await self.ended
            self.done += 1
            return grpc.aio.EOF
        message = self.messages.pop(0)
        return message if message is grpc.aio.EOF else self.parse(message)


class Server:
    """Intake before handlers that keep what they are given."""

    def __init__(self, message_seconds=60, idle_seconds=60, total=TOTAL):
        self.budget, self.metrics, self._resident = Budget(total), Metrics(), 0
        self.received = {}
        counts = SimpleNamespace(of=self._counts, find=lambda: None)
        self.reads = PendingReads(
            self.budget, 9000, read_resident=lambda: self._resident, received=counts, give_back=lambda: None
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

    @property
    def resident(self):
        return self._resident

    @resident.setter
    def resident(self, size_bytes):
        """The next count is one of now."""
        self._resident, self.reads._counted = size_bytes, -math.inf

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
