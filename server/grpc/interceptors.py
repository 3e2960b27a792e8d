"""What stands before every handler."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError

UNREADABLE = "message: cannot be parsed as the method's request"


class RefuseUnreadable(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Answers a unary request that is no message of its type with INVALID_ARGUMENT.

    gRPC would answer UNKNOWN with the exception's text, and log the client's mistake as the server's.
    """

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any]"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        """Wraps the method's handler."""
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        parse, behave = handler.request_deserializer, handler.unary_unary

        def parse_or_none(data: bytes) -> Any:
            try:
                return parse(data) if parse is not None else data
            except DecodeError:
                return None

        async def answer(request: Any, context: Any) -> Any:
            if request is None:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, UNREADABLE)
            answering = behave(request, context)
            # The handler alone decides how long the message lives.
            del request
            return await answering

        return grpc.unary_unary_rpc_method_handler(answer, parse_or_none, handler.response_serializer)
