from pathlib import Path

import pytest

from tests.support.rendering import encoded, line, page


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with two pages, one of them deeper, a damaged file, and what is no image."""
    folder = tmp_path / "archive"
    (folder / "deep" / "deeper").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "a.png").write_bytes(encoded(page([("First page", (60, 60)), ("second line", (60, 160))])))
    (folder / "deep/deeper/b.JPG").write_bytes(encoded(page([("Other page 另页", (60, 60))]), ".jpg"))
    (folder / "damaged.png").write_bytes(encoded(line("x"))[:40])
    (folder / "notes.txt").write_text("no image")
    (folder / ".hidden/c.png").write_bytes(encoded(line("hidden")))
    return folder
