"""Who may call: the token that a call must carry."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from edgeocr.server.access.tokens import Tokens, carried_token
from edgeocr.server.access.watched_files import WatchedFiles
from edgeocr.server.errors import Unauthenticated
from edgeocr.server.grpc.refusing import refuse

UNAUTHENTICATED = "a token is needed: the metadata must have one entry `authorization: Bearer …` with a known one"
PROBES = frozenset(
    {
        *(f"/grpc.health.v1.Health/{method}" for method in ("Check", "List", "Watch")),
        # What orchestrators of the inference protocol probe.
        *(f"/inference.GRPCInferenceService/{method}" for method in ("ServerLive", "ServerReady", "ModelReady")),
    }
)
"""What only asks whether the server is there."""


class RequireToken(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Answers calls that carry no known token with UNAUTHENTICATED, before any message is read; health stays open."""

    def __init__(self, tokens: WatchedFiles[Tokens]) -> None:
        self._tokens = tokens

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any]"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        """Lets the call through, or puts a refusal in its handler's place."""
        if handler_call_details.method in PROBES or self._is_known(handler_call_details):
            return await continuation(handler_call_details)
        # Serves unary calls as well: a handler of their own kind would first wait for the request.
        return grpc.stream_stream_rpc_method_handler(_refuse)

    def _is_known(self, details: grpc.HandlerCallDetails) -> bool:
        given = [value for key, value in details.invocation_metadata or () if key == "authorization"]
        token = carried_token(given)
        return token is not None and self._tokens.current().has(token)


async def _refuse(_: Any, context: Any) -> None:
    await refuse(context, Unauthenticated(UNAUTHENTICATED))
