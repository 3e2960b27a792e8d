"""Outputs: files come about whole or not at all, and what only takes what comes is written to as it is."""

import errno
import os
import resource
import stat
import threading

import pytest

from edgeocr.client.cli.output import OutputError, input_written_to, open_output


def write(path, text, *, commit=True):
    with open_output(str(path), binary=False) as output:
        output.stream.write(text)
        if commit:
            output.commit()


@pytest.fixture(params=["without a name", "with a name"])
def anywhere(request, monkeypatch, tmp_path):
    """A folder on a file system that has files without names, and on one that has none."""
    if request.param == "with a name":
        real = os.open

        def refuse(path, flags, *rest, **named):
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(95, "Operation not supported")
            return real(path, flags, *rest, **named)

        monkeypatch.setattr(os, "open", refuse)
    return tmp_path


def test_a_file_is_there_once_it_is_committed(anywhere):
    file = anywhere / "a.txt"
    with open_output(str(file), binary=False) as output:
        output.stream.write("中文")
        output.stream.flush()
        assert not file.exists()
        output.commit()
        assert file.read_text("utf-8") == "中文"
    assert os.listdir(anywhere) == ["a.txt"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OutputError])
def test_what_is_not_committed_leaves_the_old_file_and_nothing_else(anywhere, error):
    file = anywhere / "a.txt"
    file.write_text("old")
    with pytest.raises(error), open_output(str(file), binary=False) as output:
        output.stream.write("new")
        raise error
    assert file.read_text() == "old"
    assert os.listdir(anywhere) == ["a.txt"]


def test_permissions_and_links_stay(anywhere):
    (anywhere / "deep").mkdir()
    file, link = anywhere / "deep" / "a.txt", anywhere / "link"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to("deep/a.txt")
    write(link, "new")
    assert link.is_symlink()
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o640)
    assert os.listdir(anywhere / "deep") == ["a.txt"]


def test_a_new_file_has_the_permissions_of_any_other(anywhere):
    write(anywhere / "a.txt", "new")
    (anywhere / "b.txt").touch()
    assert (anywhere / "a.txt").stat().st_mode == (anywhere / "b.txt").stat().st_mode


def test_a_device_that_is_full_is_one_error():
    with pytest.raises(OutputError, match="/dev/full: cannot be written: No space left on device"):
        write("/dev/full", "new")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
def test_a_file_that_the_disk_does_not_take_is_one_error_and_the_old_one_stays(tmp_path, monkeypatch, code):
    file = tmp_path / "a.txt"
    file.write_text("old")

    def refuse(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OutputError, match=rf"a\.txt: cannot be written: {os.strerror(code)}"):
        write(file, "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_a_file_beyond_what_the_process_may_write_is_one_error(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write(file, "new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text() == "old"


def test_a_pipe_is_written_to_as_it_is(tmp_path):
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    write(pipe, "through")
    reader.join()
    assert received == ["through"]
    assert pipe.is_fifo()


def test_a_dash_is_standard_output(capsys):
    write("-", "out")
    assert capsys.readouterr().out == "out"


def test_a_folder_that_is_not_there_is_reported_before_anything_is_written(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_output(str(tmp_path / "none" / "a.txt"), binary=False)


def test_an_input_is_known_by_whatever_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    (tmp_path / "link.png").symlink_to("a.png")
    os.link(tmp_path / "a.png", tmp_path / "hard.png")
    for output in ("a.png", "./a.png", "link.png", "hard.png"):
        assert input_written_to(output, ["b.png", "a.png"]) == "a.png"
    assert input_written_to("new.txt", ["a.png"]) is None
    assert input_written_to("/dev/null", ["/dev/null"]) is None
