"""Health of the services by name, as grpc.health.v1 has it."""

from typing import Any

from grpc_health.v1 import health, health_pb2


class HealthServicer(health.aio.HealthServicer):  # type: ignore[misc, name-defined]  # the stubs lack aio
    """gRPC's own, and the list of all services, which that does not have."""

    def __init__(self, services: tuple[str, ...]) -> None:
        """Takes the services' names; the empty one is the server's as a whole."""
        super().__init__()
        self._services = services

    async def set_all(self, *, serving: bool) -> None:
        """Sets the status of all services."""
        states = health_pb2.HealthCheckResponse
        for service in self._services:
            await self.set(service, states.SERVING if serving else states.NOT_SERVING)

    async def List(self, _: health_pb2.HealthListRequest, context: Any) -> health_pb2.HealthListResponse:
        """How each service is."""
        answer = health_pb2.HealthListResponse()
        for service in self._services:
            state = await self.Check(health_pb2.HealthCheckRequest(service=service), context)
            answer.statuses[service].CopyFrom(state)
        return answer
