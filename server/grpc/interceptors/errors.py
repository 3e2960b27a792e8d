"""The error interceptor: maps every exception of a service to a status."""

import inspect
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError

from edgeocr.model.errors import INTERNAL_TEXT, EdgeOcrError, InvalidInput
from edgeocr.server.grpc.refusing import refuse

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
_log = logging.getLogger(__name__)


class ErrorInterceptor(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Ends a call with the code and text of an EdgeOcrError, or, for any other exception, with a fixed text and a
    logged traceback.

    A malformed message is the caller's mistake, INVALID_ARGUMENT. By default gRPC would answer with the exception's
    text, and log clients' mistakes as the server's.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, _Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[_Handler]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> _Handler:
        """Wraps the method's handler, once for all calls: handlers are looked up only once."""
        method = handler_call_details.method
        if (known := self._handlers.get(method)) is not None:
            return known
        handler = await continuation(handler_call_details)
        if handler is None:
            return handler
        self._handlers[method] = wrapped = _wrapped(handler)
        return wrapped


def _wrapped(handler: _Handler) -> _Handler:
    parse, serialize = parse_or_refuse(handler.request_deserializer), handler.response_serializer
    if handler.stream_unary is not None:
        return grpc.stream_unary_rpc_method_handler(_unary(handler.stream_unary), parse, serialize)
    assert handler.stream_stream is not None, "behind this interceptor, every method takes a stream of messages"
    return grpc.stream_stream_rpc_method_handler(_streamed(handler.stream_stream), parse, serialize)


def _unary(behave: Callable[..., Any]) -> Callable[..., Any]:
    async def answer(requests: Any, context: Any) -> Any:
        try:
            return await behave(requests, context)
        except Exception as error:
            await _end(context, error)

    return answer


def _streamed(behave: Callable[..., Any]) -> Callable[..., Any]:
    async def answers(requests: Any, context: Any) -> None:
        try:
            result = behave(requests, context)
            if not inspect.isasyncgen(result):
                await result
                return
            async with aclosing(result):
                async for response in result:
                    await context.write(response)
        except Exception as error:
            await _end(context, error)

    return answers


async def _end(context: Any, error: Exception) -> None:
    """Ends the call with the error that is being handled."""
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if not isinstance(error, EdgeOcrError):
        _log.exception("a call failed")
        error = EdgeOcrError(INTERNAL_TEXT)
    await refuse(context, error)


def parse_or_refuse(parse: Callable[[bytes], Any] | None) -> Callable[[bytes], Any]:
    """Wraps a parser to raise InvalidInput, since messages of a stream are parsed where they are awaited."""

    def parsed(data: bytes) -> Any:
        try:
            return parse(data) if parse is not None else data
        except DecodeError:
            raise InvalidInput("message: cannot be parsed as the method's request") from None

    return parsed
