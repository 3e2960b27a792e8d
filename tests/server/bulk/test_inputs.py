import pytest

from edgeocr.server.bulk.errors import BulkError
from edgeocr.server.bulk.inputs import expand, read_bytes


def test_a_folder_stands_for_the_images_below_it(archive):
    assert expand([str(archive)], []) == [str(archive / name) for name in ("a.png", "damaged.png", "deep/deeper/b.JPG")]


def test_a_file_that_is_named_may_have_any_suffix(archive):
    assert expand([str(archive / "notes.txt")], []) == [str(archive / "notes.txt")]


def test_what_is_named_twice_is_meant_once(archive):
    assert len(expand([str(archive), str(archive / "a.png"), str(archive / "deep")], [])) == 3


def test_relative_paths_are_the_same_from_everywhere(archive, monkeypatch):
    monkeypatch.chdir(archive / "deep")

    assert expand(["../a.png"], []) == [str(archive / "a.png")]


def test_a_folder_behind_a_url_gives_urls_that_can_be_read(archive):
    found = expand([f"file://{archive}"], [])

    assert found == [f"file://{archive}/{name}" for name in ("a.png", "damaged.png", "deep/deeper/b.JPG")]
    assert read_bytes(found[0]) == (archive / "a.png").read_bytes()


def test_a_list_has_a_path_or_url_in_each_line(archive, tmp_path):
    file = tmp_path / "list"
    file.write_text(f"{archive}/a.png\n\n  s3://bucket/scan.jpg  \n{archive}/not there.png\n")

    # What is not there is found out when it is read.
    assert expand([], [file]) == sorted([f"{archive}/a.png", f"{archive}/not there.png", "s3://bucket/scan.jpg"])


@pytest.mark.parametrize("place", ["/not/there", "file:///not/there", "nowhere://bucket/folder"])
def test_a_place_that_is_not_there_is_an_error_that_names_it(place):
    with pytest.raises(BulkError, match=place):
        expand([place], [])


def test_a_list_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(BulkError, match="missing"):
        expand([], [tmp_path / "missing"])
