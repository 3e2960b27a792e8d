from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.serving import ServerProcess


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[ServerProcess]:
    with ServerProcess() as running:
        yield running
