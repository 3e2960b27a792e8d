"""The gRPC server: OcrService with health, reflection and limits around it."""

import asyncio
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from edgeocr.proto.edgeocr.v1 import ocr_pb2, ocr_pb2_grpc
from edgeocr.server.errors import StartError
from edgeocr.server.grpc.interceptors import RefuseUnreadable
from edgeocr.server.grpc.reception import Reception
from edgeocr.server.grpc.servicer import OcrServicer

SERVICE = ocr_pb2.DESCRIPTOR.services_by_name["OcrService"].full_name
_REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
_REFLECTED = (SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME, _REFLECTION_V1)
_HEALTH_SECONDS = 1.0


class GrpcTransport:
    """Listens, tells its health, and stops in order."""

    def __init__(self, servicer: OcrServicer, reception: Reception, listen: str, message_bytes: int) -> None:
        self._servicer = servicer
        self._listen = listen
        self._health = health.aio.HealthServicer()  # type: ignore[attr-defined]  # the stubs lack aio
        self._server = grpc.aio.server(
            interceptors=[reception, RefuseUnreadable()],
            options=[
                ("grpc.max_receive_message_length", message_bytes),
                ("grpc.max_send_message_length", -1),
                # What nobody reads yet must not pile up: a message that is read gets all the window that it needs.
                ("grpc.http2.bdp_probe", 0),
                # Two servers on one port would share its connections by chance; the second must fail instead.
                ("grpc.so_reuseport", 0),
                # Clients may look after idle connections more often than gRPC's five minutes.
                ("grpc.http2.min_recv_ping_interval_without_data_ms", 30_000),
            ],
        )
        ocr_pb2_grpc.add_OcrServiceServicer_to_server(servicer, self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        reflection.enable_server_reflection(_REFLECTED, self._server)
        self._server.add_generic_rpc_handlers((_reflection_v1(),))

    async def start(self) -> str:
        """Listens, not yet serving; returns the address with its real port.

        Raises:
            StartError: the address is taken or not this machine's.
        """
        await self.set_serving(False)
        try:
            port = self._server.add_insecure_port(self._listen)
        except RuntimeError:
            raise StartError(f"listen: cannot listen on {self._listen}; it may be taken") from None
        await self._server.start()
        return self._listen if self._listen.startswith("unix:") else f"{self._listen.rpartition(':')[0]}:{port}"

    async def set_serving(self, serving: bool = True) -> None:
        """Tells health checks and watchers whether requests are welcome."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for service in ("", SERVICE):
            await self._health.set(service, status)

    async def begin_drain(self) -> None:
        """Tells them for good that requests are not welcome; gives up on watchers that do not listen."""
        try:
            await asyncio.wait_for(self._health.enter_graceful_shutdown(), _HEALTH_SECONDS)
        except TimeoutError:
            return

    async def drain(self, timeout_seconds: float) -> bool:
        """Ends reception, lets open calls finish, and closes; False if calls had to be cut off."""
        self._servicer.drain()
        try:
            await asyncio.wait_for(self._servicer.idle(), timeout_seconds)
            finished = True
        except TimeoutError:
            finished = False
        # Health watchers never end by themselves. The last answers need a moment to leave.
        await self._server.stop(_HEALTH_SECONDS if finished else 0.0)
        return finished


def _reflection_v1() -> "grpc.GenericRpcHandler[Any, Any]":
    """Version 1 of reflection, which has the messages of v1alpha under another name."""
    servicer = reflection.aio.ReflectionServicer(_REFLECTED)  # type: ignore[attr-defined]  # likewise
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(_REFLECTION_V1, {"ServerReflectionInfo": handler})
