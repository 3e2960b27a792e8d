"""The health service, grpc.health.v1."""

from typing import Any

from grpc_health.v1 import health, health_pb2


class HealthServicer(health.aio.HealthServicer):  # type: ignore[misc, name-defined]  # the stubs lack aio
    """gRPC's health servicer, with the List method that it lacks."""

    def __init__(self, services: tuple[str, ...]) -> None:
        """Takes the names of services; the empty name stands for the server as a whole."""
        super().__init__()
        self._services = services

    async def set_all(self, *, serving: bool) -> None:
        """Sets the status of all services."""
        states = health_pb2.HealthCheckResponse
        for service in self._services:
            await self.set(service, states.SERVING if serving else states.NOT_SERVING)

    async def List(self, _: health_pb2.HealthListRequest, context: Any) -> health_pb2.HealthListResponse:
        """Lists the status of each service."""
        answer = health_pb2.HealthListResponse()
        for service in self._services:
            state = await self.Check(health_pb2.HealthCheckRequest(service=service), context)
            answer.statuses[service].CopyFrom(state)
        return answer
