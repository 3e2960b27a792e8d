"""What paths on the command line stand for."""

import io
import os
from types import SimpleNamespace

import pytest

from edgeocr.client.cli.paths import expand


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name in ("b.png", "a.JPG", "notes.txt", "deep/c.tiff", "deep/er/d.webp", ".hidden/e.png", ".f.png", "[x].png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)


def paths_of(*arguments):
    return [found.path for found in expand(arguments).images]


def test_files_stay_in_their_order_whatever_their_suffix():
    assert paths_of("in/notes.txt", "in/b.png", "in/a.JPG") == ["in/notes.txt", "in/b.png", "in/a.JPG"]


def test_folders_give_their_images_sorted_to_their_depths():
    assert paths_of("in") == ["in/[x].png", "in/a.JPG", "in/b.png", "in/deep/c.tiff", "in/deep/er/d.webp"]


def test_patterns_are_matched_where_the_shell_did_not():
    assert paths_of("in/*.*[gG]") == ["in/[x].png", "in/a.JPG", "in/b.png"]
    assert paths_of("in/**/*.webp") == ["in/deep/er/d.webp"]
    assert paths_of("in/de*") == ["in/deep/c.tiff", "in/deep/er/d.webp"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself():
    assert paths_of("in/[x].png") == ["in/[x].png"]


@pytest.mark.parametrize("argument", ["in/*.gif", "empty"])
def test_what_stands_for_nothing_is_an_error_in_its_place(argument):
    first, second = expand([argument, "in/b.png"]).images
    assert (first.path, first.error.code.name) == (argument, "NOT_FOUND")
    assert first.source() is first.error
    assert (second.path, second.source()) == ("in/b.png", "in/b.png")


def test_a_missing_file_is_left_to_be_missed_when_read():
    assert paths_of("in/missing.png") == ["in/missing.png"]


def test_a_folder_that_cannot_be_searched_is_an_error_among_its_siblings(monkeypatch):
    scandir = os.scandir

    def refuse(path):
        if os.fspath(path) == "in/deep":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = expand(["in"]).images
    assert [one.path for one in found if one.error is None] == ["in/[x].png", "in/a.JPG", "in/b.png"]
    assert [(one.path, one.error.code.name) for one in found if one.error] == [("in/deep", "PERMISSION_DENIED")]


def test_a_dash_is_standard_input_read_when_it_is_its_turn(monkeypatch):
    (found,) = expand(["-"]).images
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"bytes")))
    assert (found.path, found.source()) == ("-", b"bytes")
