"""Images as files."""

import pytest


@pytest.fixture
def image(tmp_path):
    def make(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return make
