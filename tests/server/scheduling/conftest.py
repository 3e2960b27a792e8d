"""A budget that small jobs fit into."""

import pytest

from edgeocr.server.memory.budget import Budget


@pytest.fixture
def budget():
    return Budget(1_000_000)
