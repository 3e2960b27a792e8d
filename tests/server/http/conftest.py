import httpx
import pytest

from edgeocr.server.access.policy import AccessPolicy
from edgeocr.server.http.application import make_application
from edgeocr.server.lifecycle.calls import Lifecycle
from edgeocr.server.tracing.tracer import NoTracing
from tests.server.pool import Serving


@pytest.fixture
def serving(models):
    value = Serving(models, workers=2)
    value.pool.start()
    value.lifecycle = Lifecycle(NoTracing())
    value.lifecycle.ready = True
    yield value
    value.queue.close()
    value.pool.join(30)


@pytest.fixture
def application(serving):
    return make_application(serving.admission, serving.lifecycle, serving.metrics, AccessPolicy(), serving.inference)


@pytest.fixture
async def client(application):
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as value:
        yield value
