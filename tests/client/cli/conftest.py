"""Images in the working folder."""

import pytest


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Three images, of which the server refuses the second, in the working folder."""
    for name, text in {"a.png": "text a", "b.png": "error INVALID_ARGUMENT image: no", "c.png": "text c\n中文"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
