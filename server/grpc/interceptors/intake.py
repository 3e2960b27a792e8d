"""Messages come in only while there is room for them: gRPC itself would take as many as are sent.

A message's size is not known before it is there. So each one is reckoned with as much as the largest of late, be it
only one at a time that is let in then, unless its connection has long sent smaller ones. One that is long in coming
gives up its claim, since a stream may be silent for hours; should many silent streams speak at once, only what the
kernel counts tells.

While there is no place in the queue a single call is refused before its message is read, so that saying no costs those
who are read the least.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import descriptor_pool

from edgeocr.model.errors import InvalidInput, Limit
from edgeocr.server.errors import MemoryFull, QueueFull
from edgeocr.server.grpc.interceptors.auth import PROBES
from edgeocr.server.grpc.interceptors.message_size import non_payload_bytes
from edgeocr.server.memory.budget import Budget, Use
from edgeocr.server.metrics import Metrics

BESIDE_BYTES = 32 * 1024
"""Most bytes of a message that are no image; parsed, they may take dozens of times as much."""
_COPIES = 2
"""While it is parsed, a message and its copy."""
_FORGETTING = 0.9
"""By how much the largest message counts less with each one after it."""
_TRUSTED_MESSAGES = 16
_REMEMBERED_CONNECTIONS = 1024
_LEAST_IMAGE_BYTES = 512
"""What is smaller, such as a stream's configuration, tells nothing of what comes next."""
_PROMPT_SECONDS = 10.0
"""How long a message that is waited for holds its claim: a single call's is always on its way."""
_STREAM_PROMPT_SECONDS = 3.0
_PATIENCE_SECONDS = 10.0
"""How long a single call waits for room before it is told to come again."""
_LOOK_SECONDS = 0.02
_END: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # the stubs lack it
_OWN_SERVICES = "/grpc."
"""Health checks and reflection carry no images, and no more do the other protocol's probes."""
_SINGLE_CALLS = {
    "/edgeocr.v1.OcrService/Recognize": "Recognize",
    "/inference.GRPCInferenceService/ModelInfer": "ModelInfer",
}
"""Those that carry images, and what metrics call them."""


@dataclass(slots=True)
class _Sender:
    """What is known of somebody's messages: how many there were, and the largest of late."""

    messages: int = 0
    largest_bytes: int = 0

    def note(self, size_bytes: int) -> None:
        self.messages += 1
        self.largest_bytes = max(size_bytes, round(self.largest_bytes * _FORGETTING))


class Intake(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Stands before every method that images are sent to, and reads its messages."""

    def __init__(self, budget: Budget, metrics: Metrics, check_queue: Callable[[str], None]) -> None:
        """Takes what raises QueueFull while there is no place in the queue for a peer's image."""
        self._check_queue = check_queue
        self._budget = budget
        self._metrics = metrics
        self._all = _Sender()
        self._senders: OrderedDict[str, _Sender] = OrderedDict()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any]"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        """Puts itself before the method's handler."""
        handler, method = await continuation(handler_call_details), handler_call_details.method
        if handler is None or method in PROBES or method.startswith(_OWN_SERVICES):
            return handler
        parse = handler.request_deserializer
        kind = descriptor_pool.Default().FindMethodByName(method.strip("/").replace("/", ".")).input_type

        def parse_with_size(data: bytes) -> tuple[Any, int]:
            if len(data) > BESIDE_BYTES and non_payload_bytes(data, kind, BESIDE_BYTES) > BESIDE_BYTES:
                raise InvalidInput(f"message: may have {BESIDE_BYTES} bytes beside its images")
            return parse(data) if parse is not None else data, len(data)

        if (behave := handler.unary_unary) is not None:
            # On the wire a single message is a stream of one: taken as such, it can wait until there is room.
            async def answer(_: Any, context: Any) -> Any:
                if (name := _SINGLE_CALLS.get(method)) is not None:
                    self._refuse_early(name, context.peer())
                answering = behave(await self._only_message(context), context)
                return await answering

            return grpc.stream_unary_rpc_method_handler(answer, parse_with_size, handler.response_serializer)
        behave_stream: Any = handler.stream_stream
        if behave_stream is not None:

            def answer_stream(_: Any, context: Any) -> Any:
                return behave_stream(self._messages(context), context)

            return grpc.stream_stream_rpc_method_handler(answer_stream, parse_with_size, handler.response_serializer)
        return handler

    def _refuse_early(self, name: str, peer: str) -> None:
        start = time.monotonic()
        try:
            self._check_queue(peer)
        except QueueFull as error:
            self._metrics.rejected(error.reason)
            self._metrics.request(name, error.code, time.monotonic() - start)
            raise

    async def _only_message(self, context: Any) -> Any:
        """A single call's message.

        Raises:
            InvalidInput: there is none.
            MemoryFull: there is no room for it.
        """
        peer = context.peer()
        try:
            claim = await self._room(self._expected_bytes(peer), _PROMPT_SECONDS, _PATIENCE_SECONDS)
        except MemoryFull as error:
            self._metrics.rejected(error.reason)
            raise
        try:
            received = await context.read()
        finally:
            claim.give_back()
        if received is _END:
            raise InvalidInput("message: is missing")
        self._note(peer, received[1])
        return received[0]

    async def _messages(self, context: Any) -> AsyncGenerator[Any, None]:
        """A stream's messages; on this side no name holds one that was handed out."""
        peer = context.peer()
        while True:
            claim = await self._room(self._expected_bytes(peer), _STREAM_PROMPT_SECONDS, None)
            try:
                received = [await context.read()]
            finally:
                claim.give_back()
            if received[0] is _END:
                return
            self._note(peer, received[0][1])
            yield received.pop()[0]

    def _expected_bytes(self, peer: str) -> int:
        sender = self._senders.get(peer)
        trusted = sender is not None and sender.messages >= _TRUSTED_MESSAGES
        return sender.largest_bytes if sender is not None and trusted else self._all.largest_bytes

    def _note(self, peer: str, size_bytes: int) -> None:
        if size_bytes < _LEAST_IMAGE_BYTES:
            return
        self._all.note(size_bytes)
        self._senders.setdefault(peer, _Sender()).note(size_bytes)
        self._senders.move_to_end(peer)
        if len(self._senders) > _REMEMBERED_CONNECTIONS:
            self._senders.popitem(last=False)

    async def _room(self, size_bytes: int, prompt_seconds: float, patience_seconds: float | None) -> "_Claim":
        """Waits for room, and holds it until it is given back, though not for long.

        Raises:
            MemoryFull: there was none in time.
        """
        budget = self._budget
        claimed, most = _COPIES * size_bytes, budget.most_bytes(Use.ARRIVING)
        end = None if patience_seconds is None else time.monotonic() + patience_seconds
        while not budget.take(Use.ARRIVING, claimed):
            if end is not None and time.monotonic() > end:
                raise MemoryFull(
                    f"messages that arrive take as much memory as they may, {most} bytes (arriving_bytes)",
                    Limit("arriving_bytes", most, claimed),
                    patience_seconds or 0.0,
                )
            await asyncio.sleep(_LOOK_SECONDS)
        return _Claim(budget, claimed, prompt_seconds)


class _Claim:
    """Room that is held for a message; given back by a timer if by nobody else."""

    def __init__(self, budget: Budget, size_bytes: int, prompt_seconds: float) -> None:
        self._budget = budget
        self._size_bytes = size_bytes
        self._timer = asyncio.get_running_loop().call_later(prompt_seconds, self.give_back)

    def give_back(self) -> None:
        """Ends the claim; may be called again."""
        self._timer.cancel()
        size_bytes, self._size_bytes = self._size_bytes, 0
        if size_bytes:
            self._budget.adjust(Use.ARRIVING, -size_bytes)
