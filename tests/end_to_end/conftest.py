from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import ServerProcess


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[ServerProcess]:
    with ServerProcess() as running:
        yield running


def pytest_collection_modifyitems(items):
    """All in this folder start servers."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.slow)
