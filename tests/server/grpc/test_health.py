from grpc_health.v1 import health_pb2

from edgeocr.server.grpc.health import HealthServicer

States = health_pb2.HealthCheckResponse


async def listed(servicer):
    found = (await servicer.List(health_pb2.HealthListRequest(), None)).statuses
    return {name: state.status for name, state in found.items()}


async def test_all_services_are_listed_as_they_are():
    servicer = HealthServicer(("", "one", "two"))
    await servicer.set_all(serving=True)
    assert await listed(servicer) == {"": States.SERVING, "one": States.SERVING, "two": States.SERVING}
    await servicer.set("two", States.NOT_SERVING)
    assert await listed(servicer) == {"": States.SERVING, "one": States.SERVING, "two": States.NOT_SERVING}
    await servicer.set_all(serving=False)
    assert set((await listed(servicer)).values()) == {States.NOT_SERVING}


async def test_once_it_drains_no_service_serves_again():
    servicer = HealthServicer(("", "one"))
    await servicer.set_all(serving=True)
    await servicer.enter_graceful_shutdown()
    await servicer.set_all(serving=True)
    assert set((await listed(servicer)).values()) == {States.NOT_SERVING}
