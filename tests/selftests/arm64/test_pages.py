import json

import pytest

from tests.checks.arm64.errors import GuestFailed
from tests.checks.arm64.pages import counted, main
from tests.selftests.arm64.test_counts import line


class Reader:
    """Reads pages as the emulated one does: so many instructions as its file has bytes."""

    def __init__(self, marks=True):
        self.read = []
        self._marks = marks

    def __call__(self, pages, counts, lines):
        self.read.append([page.name for page in pages])
        total = 0
        rows = []
        for page in pages:
            rows.append(line(3, total=total))
            total += len(page.read_bytes())
            rows.append(line(0, total=total))
        if self._marks:
            counts.write_text("\n".join(rows), "utf-8")
        lines.write_text(json.dumps([[page.name] for page in pages]), "utf-8")


@pytest.fixture
def pages(tmp_path):
    paths = [tmp_path / name for name in ("a.jpg", "b.jpg")]
    for size, path in enumerate(paths, 1):
        path.write_bytes(b"x" * size)
    return paths


def test_pages_are_read_together_and_none_twice(pages, tmp_path):
    reader = Reader()
    folders = [tmp_path / "kept" / page.stem for page in pages]
    ((first, _),) = counted(pages[:1], folders[:1], reader)
    again, (second, lines) = counted(pages, folders, reader)
    assert reader.read == [["a.jpg"], ["b.jpg"]]
    assert again == (first, ["a.jpg"])
    assert lines == ["b.jpg"]
    assert second.splitlines() == [line(3, total=0), line(0, total=2)]


def test_pages_of_which_nothing_was_counted_are_not_kept(pages, tmp_path):
    folders = [tmp_path / "kept" / page.stem for page in pages]
    with pytest.raises(GuestFailed, match="2 pages were read, but the emulator's plugin saw 0"):
        counted(pages, folders, Reader(marks=False))
    assert not any(folder.exists() for folder in folders)


def test_a_machine_that_cannot_run_it_gets_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--cache", str(tmp_path), "--weights", str(tmp_path)]) == 2
    assert "apt-get install" in capsys.readouterr().err
