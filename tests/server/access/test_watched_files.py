"""Values of files that change: the newest that is good, whatever happens to the file."""

import logging
import os

import pytest

from edgeocr.server.access.watched_files import WatchedFiles, read_file
from edgeocr.server.errors import StartError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "number"
    path.write_text("1")
    return path


def watch(file):
    def load():
        text = read_file("number", file)
        try:
            return int(text)
        except ValueError:
            raise StartError(f"number: {file}: is none") from None

    return WatchedFiles("number", [file], load)


def test_a_change_counts_at_once(file):
    watched = watch(file)
    assert watched.current() == 1
    file.write_text("22")
    assert watched.current() == 22


def test_a_file_that_another_takes_the_place_of_counts(file, tmp_path):
    watched = watch(file)
    other = tmp_path / "other"
    other.write_text("2")
    os.utime(other, ns=(file.stat().st_mtime_ns,) * 2)
    other.replace(file)
    assert watched.current() == 2


def test_a_link_that_is_led_elsewhere_counts(tmp_path):
    for name in ("1", "2"):
        (tmp_path / name).write_text(name)
    link = tmp_path / "link"
    link.symlink_to("1")
    watched = watch(link)
    (tmp_path / "new").symlink_to("2")
    (tmp_path / "new").replace(link)
    assert watched.current() == 2


def test_what_is_wrong_leaves_the_last_good_value_and_is_logged_once(file, caplog):
    watched = watch(file)
    file.write_text("no number")
    assert [watched.current() for _ in range(3)] == [1, 1, 1]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert f"number: {file}: is none; the previous value stays in use" in record.message
    file.unlink()
    assert watched.current() == 1
    assert "cannot be read: No such file" in caplog.records[-1].message
    file.write_text("3")
    assert watched.current() == 3


def test_what_is_wrong_at_first_is_an_error(tmp_path):
    with pytest.raises(StartError, match=r"number: .*none: cannot be read: No such file"):
        watch(tmp_path / "none")


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o640, False), (0o644, True), (0o602, True)])
def test_a_secret_that_everybody_may_read_or_write_is_warned_of(file, caplog, mode, warned):
    file.chmod(mode)
    read_file("number", file, secret=True)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * warned
