import pytest

from tests.server.pool import Serving


@pytest.fixture
def serving(models):
    value = Serving(models)
    yield value
    value.queue.close()
