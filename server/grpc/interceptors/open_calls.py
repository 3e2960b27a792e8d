"""Limits the number of open calls, in total and per caller, probes included.

An open call takes memory in gRPC, the event loop and here, even if it is idle.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import grpc

from edgeocr.model.errors import Code, EdgeOcrError, Limit
from edgeocr.server.access.callers import Callers, peer_endpoint, shown
from edgeocr.server.access_log.identifiers import REQUEST_ID
from edgeocr.server.access_log.record import CallRecord
from edgeocr.server.errors import CallsFull, MetadataTooLarge, UnknownMethod
from edgeocr.server.grpc.call import CURRENT, Call, current
from edgeocr.server.grpc.refusing import refuse
from edgeocr.server.grpc.sending import Sending
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics

CALL_BYTES = 36 * 1024
"""Measured memory of an open call without its messages."""
METADATA_BYTES = 16 * 1024
"""Maximum bytes of a call's metadata, names and values."""
OWN_SERVICES = "/grpc."
"""Health and reflection."""
IMAGE_STREAMS = frozenset(
    {"/edgeocr.v1.OcrService/RecognizeStream", "/inference.GRPCInferenceService/ModelStreamInfer"}
)
TOO_LARGE_SECONDS = 0.05
"""Time within which gRPC ends a call for a message that is too large."""
_MOST_METHOD = 128
_RETRY_SECONDS = 1.0
_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


class OpenCalls(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Refuses calls beyond the limits before anything is read, and counts the others until their last byte is sent."""

    def __init__(
        self, lifecycle: Lifecycle, metrics: Metrics, callers: Callers, most_calls: int, answer_seconds: float
    ) -> None:
        """Takes the maximum number of open calls, of which one caller may have half, and the time limit for a caller to
        read a message."""
        self._answer_seconds = answer_seconds
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._callers = callers
        self._most_calls = most_calls
        self._open: Counter[str] = Counter()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler:
        """Wraps the method's handler, which takes a stream of messages, possibly of one."""
        handler, method = await continuation(handler_call_details), handler_call_details.method
        if handler is None:
            handler = grpc.stream_stream_rpc_method_handler(_unknown)
        behave_unary: Any
        behave_stream: Any
        behave_unary, behave_stream = handler.stream_unary, handler.stream_stream
        parse, serialize = handler.request_deserializer, handler.response_serializer

        async def answer(requests: Any, context: Any) -> Any:
            aborted: list[grpc.aio.AbortError] = []
            try:
                sending = await self._enter(context, method)
                if behave_unary is not None:
                    return sending.last(await behave_unary(requests, sending))
                await behave_stream(requests, sending)
                sending.succeed()
            except grpc.aio.AbortError as error:
                aborted.append(_alone(error))
            except asyncio.CancelledError:
                _note_too_large(current())
                raise
            # Breaks the reference from the error to the call.
            del requests, context
            if aborted:
                raise aborted.pop()
            return None

        if behave_unary is not None:
            return grpc.stream_unary_rpc_method_handler(answer, parse, serialize)
        return grpc.stream_stream_rpc_method_handler(answer, parse, serialize)

    async def _enter(self, context: Any, method: str) -> Sending:
        metadata = context.invocation_metadata() or ()
        address, port = peer_endpoint(context.peer())
        caller = self._callers.of(address, metadata)
        peer = f"{address}:{port}" if address else "unix"
        log = self._lifecycle.access_log
        record = CallRecord.of(log, "grpc", _shown(method), shown(caller), peer, dict(metadata))
        call = Call(caller, (address, port), record=record, is_stream=method in IMAGE_STREAMS)
        CURRENT.set(call)
        if (error := self._refusal(caller, metadata)) is not None:
            if isinstance(error, CallsFull):
                self._metrics.rejected(error.reason)
            await refuse(context, error)
        context.set_trailing_metadata(((REQUEST_ID, record.request_id),))
        self._open[caller] += 1
        call.until_sent.append(lambda: self._leave(caller))
        # Health watchers stay until the server ends.
        if not method.startswith(OWN_SERVICES):
            call.until_sent.append(self._lifecycle.begin())
        record.begin()
        call.until_sent.append(record.end)
        return Sending(context, call, self._callers, self._answer_seconds)

    def _leave(self, caller: str) -> None:
        self._open[caller] -= 1
        if not self._open[caller]:
            del self._open[caller]

    def _refusal(self, caller: str, metadata: Any) -> EdgeOcrError | None:
        size_bytes = sum(len(key) + len(value) for key, value in metadata)
        if size_bytes > METADATA_BYTES:
            limit = Limit("metadata_bytes", METADATA_BYTES, size_bytes)
            return MetadataTooLarge(f"metadata: {size_bytes} bytes, the limit is {METADATA_BYTES}", limit)
        most_of_caller = max(1, self._most_calls // 2)
        if self._open.total() >= self._most_calls:
            limit = Limit("open_calls", self._most_calls, self._most_calls + 1)
            return CallsFull(
                f"{self._most_calls} calls are open, which is the limit (open_calls)", limit, _RETRY_SECONDS
            )
        if self._open[caller] >= most_of_caller:
            return CallsFull(
                f"{most_of_caller} calls of this caller are open, half of the limit (open_calls)",
                Limit("open_calls", most_of_caller, most_of_caller + 1),
                _RETRY_SECONDS,
            )
        return None


async def _unknown(_: Any, context: Any) -> None:
    await refuse(context, UnknownMethod("there is no such method; the server's reflection lists those that there are"))


def _note_too_large(call: Call) -> None:
    """Records messages beyond gRPC's own limit, for which gRPC reports the end of messages and then ends the call."""
    if time.monotonic() - call.input_ended < TOO_LARGE_SECONDS and not call.is_busy():
        call.record.refused(Code.RESOURCE_EXHAUSTED, "message_too_large")


def _shown(method: str) -> str:
    """A method's name in the access log: the last part for the server's own methods, else the full name."""
    known = method.startswith((OWN_SERVICES, "/edgeocr.v1.OcrService/", "/inference.GRPCInferenceService/"))
    return method.rpartition("/")[2][:_MOST_METHOD] if known else method[:_MOST_METHOD]


def _alone(error: grpc.aio.AbortError) -> grpc.aio.AbortError:
    """The error without its traceback: gRPC keeps the error with the call, and the traceback refers to the call and to
    its message."""
    error.__context__ = error.__cause__ = None
    return error.with_traceback(None)
