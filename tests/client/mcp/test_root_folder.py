"""What of the disk a language model may have read."""

import os

import pytest

from edgeocr.client.mcp import root_folder
from edgeocr.client.mcp.root_folder import Refused, RootFolder


@pytest.fixture
def root(tmp_path):
    for name in ("in/a.png", "in/deep/b.PDF", "in/notes.txt", "in/.hidden/c.png", "outside/secret.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"content of {name}")
    (tmp_path / "in" / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (tmp_path / "in" / "inner.png").symlink_to("a.png")
    (tmp_path / "in" / "out").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "in" / "pipe.png")
    folder = RootFolder(str(tmp_path / "in"))
    yield folder
    folder.close()


@pytest.mark.parametrize(("path", "content"), [("a.png", "in/a.png"), ("./deep//b.PDF", "in/deep/b.PDF")])
def test_a_file_below_the_folder_is_read(root, path, content):
    assert root.read(path, 1000) == f"content of {content}".encode()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../outside/secret.png", "without '..'"),
        ("deep/../a.png", "without '..'"),
        ("/etc/passwd", "below the served folder"),
        ("a.png\0", "below the served folder"),
        ("\udcff.png", "below the served folder"),
        ("link.png", "a link"),
        ("inner.png", "a link"),
        ("out/secret.png", "a link"),
        ("a.png/b", "not followed"),
        ("missing.png", "does not exist"),
        ("deep", "is not a file"),
        ("", "is not a file"),
        ("pipe.png", "is not a file"),
    ],
)
def test_everything_else_is_refused_with_its_reason(root, path, reason):
    with pytest.raises(Refused, match=reason):
        root.read(path, 1000)


def test_a_file_that_is_too_large_is_refused(root):
    with pytest.raises(Refused, match="19 bytes, at most 18 are read"):
        root.read("a.png", 18)


def test_names_are_those_that_can_be_read(root):
    assert root.names("") == (["a.png", "deep/b.PDF"], False)
    assert root.names("deep") == (["deep/b.PDF"], False)
    for name in root.names("")[0]:
        root.read(name, 1000)


@pytest.mark.parametrize("folder", ["..", "/", "out", "a.png", "missing"])
def test_names_of_other_folders_are_refused(root, folder):
    with pytest.raises(Refused):
        root.names(folder)


def test_a_list_has_an_end(root, monkeypatch):
    monkeypatch.setattr(root_folder, "MOST_NAMES", 1)
    assert root.names("") == (["a.png"], True)


def test_a_folder_that_is_moved_away_is_still_the_one_that_was_opened(root, tmp_path):
    (tmp_path / "in").rename(tmp_path / "moved")
    (tmp_path / "in").symlink_to(tmp_path / "outside")
    assert root.read("a.png", 1000) == b"content of in/a.png"
    with pytest.raises(Refused):
        root.read("secret.png", 1000)


def test_names_that_are_no_text_are_not_listed(root, tmp_path):
    inside = os.fsencode(tmp_path / "in")
    for name in (b"\xff.png", b"\xff/c.png", "好/d.png".encode()):
        os.makedirs(os.path.dirname(os.path.join(inside, name)), exist_ok=True)
        with open(os.path.join(inside, name), "wb"):
            pass
    names, _ = root.names("")
    assert names == ["a.png", "deep/b.PDF", "好/d.png"]
