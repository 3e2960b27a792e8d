"""A pool of two decoder processes."""

import pytest

from tests.server.decoder.pools import Pool


@pytest.fixture
def pool():
    value = Pool()
    yield value
    value.close()
