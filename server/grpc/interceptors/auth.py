"""Authentication by bearer token."""

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
        # Probes of the inference protocol.
        *(f"/inference.GRPCInferenceService/{method}" for method in ("ServerLive", "ServerReady", "ModelReady")),
    }
)
"""Methods that only ask whether the server is available."""


class RequireToken(grpc.aio.ServerInterceptor):  # type: ignore[type-arg]  # generic in the stubs only
    """Refuses calls without a valid token with UNAUTHENTICATED, before any message is read; probes need none."""

    def __init__(self, tokens: WatchedFiles[Tokens]) -> None:
        self._tokens = tokens

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable["grpc.RpcMethodHandler[Any, Any]"]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any]":
        """Passes the call on, or returns a handler that refuses it."""
        if handler_call_details.method in PROBES or self._is_known(handler_call_details):
            return await continuation(handler_call_details)
        # Used for unary calls too: a unary handler would first wait for the request.
        return grpc.stream_stream_rpc_method_handler(_refuse)

    def _is_known(self, details: grpc.HandlerCallDetails) -> bool:
        given = [value for key, value in details.invocation_metadata or () if key == "authorization"]
        token = carried_token(given)
        return token is not None and self._tokens.current().has(token)


async def _refuse(_: Any, context: Any) -> None:
    await refuse(context, Unauthenticated(UNAUTHENTICATED))
