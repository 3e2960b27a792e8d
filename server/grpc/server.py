"""The gRPC server: its services, health, reflection, access checks and limits."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.proto.inference import open_inference_pb2_grpc
from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.access.unix_socket import PREFIX, room_for
from edgeocr.server.errors import StartError
from edgeocr.server.grpc import reflection_v1, servicer
from edgeocr.server.grpc.connection_shares import LOOK_SECONDS, ConnectionShares
from edgeocr.server.grpc.health import HealthServicer
from edgeocr.server.grpc.interceptors.auth import RequireToken
from edgeocr.server.grpc.interceptors.errors import ErrorInterceptor
from edgeocr.server.grpc.interceptors.intake import Intake
from edgeocr.server.grpc.interceptors.open_calls import METADATA_BYTES, OpenCalls
from edgeocr.server.grpc.open_inference.servicer import SERVICE as INFERENCE_SERVICE
from edgeocr.server.grpc.open_inference.servicer import InferenceServicer
from edgeocr.server.grpc.tls import server_credentials
from edgeocr.server.host.connections import why_not_listen
from edgeocr.server.host.threads import put_native_threads_last
from edgeocr.server.inference.model import InferenceModel
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.observing.metrics import Metrics

_SERVICES = (servicer.SERVICE, INFERENCE_SERVICE)
_REFLECTED = (*_SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME, reflection_v1.SERVICE)
_HEALTH_SECONDS = 1.0
_CONNECTION_STREAMS = 128
"""Maximum number of open calls per connection; further calls wait in the client."""
_HANDSHAKE_MS = 20_000
_AS_IS = 1 << grpc.Compression.NoCompression
"""The set of accepted message encodings: identity only."""
_NO_AGE = 2**31 - 1
_KEEPALIVE_MS, _KEEPALIVE_TIMEOUT_MS = 60_000, 20_000
_LEAST_PING_MS = 9_000
"""Minimum interval of pings, short enough for proxies and clients that ping every ten seconds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of connections and calls.

    Attributes:
        connections: maximum number of connections.
        open_calls: maximum number of open calls, of which one caller may have half.
        idle_seconds: time limit of a connection without calls.
        answer_seconds: time limit for a caller to read a message.
        connection_seconds: age from which a connection accepts no further calls; 0 for no limit.
    """

    connections: int
    open_calls: int
    idle_seconds: float
    answer_seconds: float
    connection_seconds: float = 0.0


class GrpcServer:
    """Listens, answers calls, and reports health."""

    def __init__(
        self,
        inference: InferenceModel,
        intake: Intake,
        lifecycle: Lifecycle,
        metrics: Metrics,
        info: Callable[[], ocr_pb2.GetServerInfoResponse],
        listen: str,
        access: AccessPolicy,
        bounds: Bounds,
    ) -> None:
        # Reloads do not change this part: the release, which is also the model's version, and settings.
        described = info()
        self._listen = listen
        self._access = access
        self._connections = bounds.connections
        self._shares: ConnectionShares | None = None
        self._health = HealthServicer(("", *_SERVICES))
        self._server = grpc.aio.server(
            interceptors=[
                OpenCalls(lifecycle, metrics, access.callers, bounds.open_calls, bounds.answer_seconds),
                *([RequireToken(access.tokens)] if access.tokens else []),
                ErrorInterceptor(),
                intake,
            ],
            options=[
                ("grpc.max_receive_message_length", described.limits.message_bytes),
                ("grpc.max_send_message_length", -1),
                # Compressed messages could expand to a thousand times the bytes that are accounted for.
                ("grpc.compression_enabled_algorithms_bitset", _AS_IS),
                # Keeps unread messages in the connection; a message being read gets the window that it needs.
                ("grpc.http2.bdp_probe", 0),
                # By default each connection may hold a read buffer of 4 MB.
                ("grpc.experimental.tcp_max_read_chunk_size", 64 * 1024),
                # With port reuse, two servers would share connections at random; the second must fail instead.
                ("grpc.so_reuseport", 0),
                # Larger than the server's own limit, so that the server can explain the error.
                ("grpc.max_metadata_size", 2 * METADATA_BYTES),
                ("grpc.absolute_max_metadata_size", 2 * METADATA_BYTES),
                ("grpc.max_concurrent_streams", _CONNECTION_STREAMS),
                ("grpc.max_allowed_incoming_connections", bounds.connections),
                ("grpc.server_handshake_timeout_ms", _HANDSHAKE_MS),
                ("grpc.max_connection_idle_ms", round(bounds.idle_seconds * 1000)),
                # gRPC varies it by a tenth, so that not all clients reconnect at once.
                ("grpc.max_connection_age_ms", round(bounds.connection_seconds * 1000) or _NO_AGE),
                # Detects clients that vanished.
                ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
                ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
                # Clients may ping more often than gRPC's default of five minutes, also on idle connections.
                ("grpc.keepalive_permit_without_calls", 1),
                ("grpc.http2.min_ping_interval_without_data_ms", _LEAST_PING_MS),
            ],
        )
        # gRPC waits for a call of every registered method at once, again at each call; other methods share one wait.
        self._server.add_registered_method_handlers = lambda *_: None  # type: ignore[attr-defined]
        ocr = servicer.OcrServicer(inference.admission, metrics, info, lifecycle)
        other = InferenceServicer(inference, metrics, lifecycle)
        ocr_pb2_grpc.add_OcrServiceServicer_to_server(ocr, self._server)
        open_inference_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(other, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(_REFLECTED, self._server)
        self._server.add_generic_rpc_handlers((reflection_v1.handler(_REFLECTED),))

    async def start(self) -> str:
        """Listens; returns the address with its real port.

        Raises:
            StartError: the address is in use or not this machine's.
        """
        try:
            with room_for(self._listen, self._access.socket_mode):
                port = self._add_port()
        except RuntimeError:
            raise StartError(f"listen: cannot listen on {self._listen}: {why_not_listen(self._listen)}") from None
        await self._server.start()
        put_native_threads_last()
        if self._listen.startswith(PREFIX):
            return self._listen
        self._shares = ConnectionShares(self._access.callers, port, self._connections)
        return f"{self._listen.rpartition(':')[0]}:{port}"

    def _add_port(self) -> int:
        if self._access.certificates is None:
            return self._server.add_insecure_port(self._listen)
        return self._server.add_secure_port(self._listen, server_credentials(self._access.certificates))

    async def look_at_connections(self) -> None:
        """Closes connections beyond their callers' shares, and sleeps; unix sockets have no addresses."""
        if self._shares is not None:
            await self._shares.look_and_rest()
        else:
            await asyncio.sleep(LOOK_SECONDS)

    async def set_health(self, serving: bool) -> None:
        """Sets the health status."""
        await self._health.set_all(serving=serving)

    async def end_health(self) -> None:
        """Sets the health status to NOT_SERVING permanently; gives up on watchers that do not read."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._health.enter_graceful_shutdown(), _HEALTH_SECONDS)

    async def stop(self) -> None:
        """Closes the server; open calls, including endless health watches, are cut off after a moment."""
        await self._server.stop(_HEALTH_SECONDS)
