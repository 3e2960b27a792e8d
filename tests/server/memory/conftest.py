"""A small budget."""

import pytest

from edgeocr.server.memory.budget import Budget
from tests.server.memory.room import BASE, TOTAL


@pytest.fixture
def budget():
    return Budget(TOTAL, BASE)
