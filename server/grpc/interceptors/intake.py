"""Receives the messages of all methods, within limits of size, time and memory.

While the queue is full, unary calls are refused before their message is read, so that refusals cost as little as
possible.
"""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import grpc
from google.protobuf import descriptor_pool

from edgeocr.model.errors import InvalidInput, Limit
from edgeocr.server.errors import MemoryFull, QueueFull, StreamEnded
from edgeocr.server.grpc.call import Call, current
from edgeocr.server.grpc.interceptors.auth import PROBES
from edgeocr.server.grpc.interceptors.message_size import non_payload_bytes
from edgeocr.server.grpc.interceptors.open_calls import IMAGE_STREAMS, TOO_LARGE_SECONDS
from edgeocr.server.grpc.interceptors.pending_reads import Evicted, PendingReads, Silent
from edgeocr.server.memory.budget import Budget
from edgeocr.server.memory.reservation import Use
from edgeocr.server.observing.metrics import Metrics

BESIDE_BYTES = 32 * 1024
"""Maximum bytes of a message besides images; parsed, they can take dozens of times as much."""
PROBE_BYTES = 4096
"""Maximum bytes of a message of methods without images."""
_COPIES = 2
"""A message exists twice while it is parsed."""
_PROBE_SECONDS = 10.0
_RETRY_SECONDS = 2.0
_END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # the stubs lack it
_SINGLE_CALLS = {
    "/edgeocr.v1.OcrService/Recognize": "Recognize",
    "/inference.GRPCInferenceService/ModelInfer": "ModelInfer",
}
"""Methods with images, and their names in metrics."""


class Intake(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Reads the messages of every method."""

    def __init__(
        self,
        reads: PendingReads,
        budget: Budget,
        metrics: Metrics,
        check_queue: Callable[[str], None],
        *,
        message_seconds: float,
        idle_seconds: float,
    ) -> None:
        """Takes the reads, a check that raises QueueFull while a caller has no place in the queue, and the time limits
        for a unary call's message and a stream's next message."""
        self._reads = reads
        self._budget = budget
        self._metrics = metrics
        self._check_queue = check_queue
        self._message_seconds = message_seconds
        self._idle_seconds = idle_seconds

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any]"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        """Wraps the method's handler.

        On the wire a unary request is a stream of one message, and is read as such.
        """
        handler, method = await continuation(handler_call_details), handler_call_details.method
        if handler is None:
            return handler
        parse, serialize = self._parser(handler.request_deserializer, method), handler.response_serializer
        if (behave := handler.unary_unary) is not None:

            async def answer(_: Any, context: Any) -> Any:
                return await behave(await self._only_message(context, method), context)

            return grpc.stream_unary_rpc_method_handler(answer, parse, serialize)
        if (watch := handler.unary_stream) is not None:

            async def answers(_: Any, context: Any) -> None:
                answering: Any = watch(await self._only_message(context, method), context)
                if not inspect.isasyncgen(answering):
                    await answering
                    return
                async for response in answering:
                    await context.write(response)

            return grpc.stream_stream_rpc_method_handler(answers, parse, serialize)
        behave_stream: Any = handler.stream_stream
        assert behave_stream is not None, "no method is client-streaming"

        def answer_stream(_: Any, context: Any) -> Any:
            return behave_stream(self._messages(context), context)

        return grpc.stream_stream_rpc_method_handler(answer_stream, parse, serialize)

    def _parser(self, parse: Callable[[bytes], Any] | None, method: str) -> Callable[[bytes], tuple[Any, int]]:
        """A parser that returns the message with its size.

        Raises:
            InvalidInput: too many bytes are not part of an image.
        """
        carries_images = method in _SINGLE_CALLS or method in IMAGE_STREAMS
        kind = None
        if carries_images:
            kind = descriptor_pool.Default().FindMethodByName(method.strip("/").replace("/", ".")).input_type

        def parse_with_size(data: bytes) -> tuple[Any, int]:
            if kind is None:
                if len(data) > PROBE_BYTES:
                    raise InvalidInput(f"message: may have {PROBE_BYTES} bytes")
            elif len(data) > BESIDE_BYTES and non_payload_bytes(data, kind, BESIDE_BYTES) > BESIDE_BYTES:
                raise InvalidInput(f"message: may have {BESIDE_BYTES} bytes besides its images")
            with self._budget.hold(Use.ARRIVING, _COPIES * len(data)):
                return parse(data) if parse is not None else data, len(data)

        return parse_with_size

    def _refuse_early(self, name: str, call: Call) -> None:
        start, caller = time.monotonic(), call.caller
        try:
            self._check_queue(caller)
            if self._reads.is_short(caller):
                raise self._memory_full()
        except QueueFull as error:
            self._reads.pass_over(call)
            self._metrics.rejected(error.reason)
            self._metrics.request(name, error.code, time.monotonic() - start, call.record.trace_id)
            call.record.image(name, start, error.code, error)
            raise

    def _memory_full(self) -> MemoryFull:
        most = self._budget.total_bytes
        return MemoryFull(
            f"incoming messages leave no memory of the budget of {most} bytes (memory_budget_bytes)",
            Limit("memory_budget_bytes", most, most + 1),
            _RETRY_SECONDS,
        )

    async def _only_message(self, context: Any, method: str) -> Any:
        """The message of a unary call.

        Raises:
            InvalidInput: there is no message.
            MemoryFull: memory is low.
            DeadlineExceeded: it does not arrive in time.
        """
        call = current()
        if (name := _SINGLE_CALLS.get(method)) is not None:
            self._refuse_early(name, call)
        seconds = _PROBE_SECONDS if method in PROBES else self._message_seconds
        try:
            received = await self._reads.read(context, call, seconds)
        except Evicted:
            self._metrics.rejected(MemoryFull.reason)
            raise self._memory_full() from None
        if received is _END:
            # gRPC itself ends a call with a message that is too large.
            await asyncio.sleep(TOO_LARGE_SECONDS)
            raise InvalidInput("message: is missing")
        return received[0]

    async def _messages(self, context: Any) -> AsyncGenerator[Any, None]:
        """The messages of a stream; no local name keeps a message after it is yielded."""
        call = current()
        while True:
            received = [await self._next_message(context, call)]
            if received[0] is _END:
                return
            yield received.pop()[0]

    async def _next_message(self, context: Any, call: Call) -> Any:
        try:
            return await self._reads.read(context, call, self._idle_seconds)
        except Evicted:
            self._metrics.rejected(MemoryFull.reason)
            raise StreamEnded("the server is low on memory; open another stream", MemoryFull.reason) from None
        except Silent as error:
            raise StreamEnded(f"{error} (idle_seconds); open another stream when there is one", "idle") from None
