import argparse
import sys
from types import SimpleNamespace

import pytest

from edgeocr.commands import UsageError
from edgeocr.server.bulk import command
from edgeocr.server.bulk.arguments import add_arguments
from edgeocr.server.bulk.worker import FileDone


def _run(*words):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return command.run(parser.parse_args(words))


@pytest.fixture
def engine(monkeypatch):
    """In place of Ray, which other tests start: reads nothing, and says so of each file."""
    fake = SimpleNamespace(outcome=lambda path: FileDone(path, 2, None, None), leave_out=0)
    fake.read = lambda paths, *_: (fake.outcome(path) for path in paths[fake.leave_out :])
    monkeypatch.setitem(sys.modules, "edgeocr.server.bulk.ray_engine", fake)
    return fake


def test_files_and_pages_are_summed_up(archive, tmp_path, engine, capsys):
    assert _run(str(archive), "--output", str(tmp_path / "out")) == 0
    assert "3 files, 0 of them read before\n3 files read now, 6 pages, 0 files with errors" in capsys.readouterr().err


def test_bad_files_are_named(archive, tmp_path, engine, capsys):
    engine.outcome = lambda path: FileDone(path, 0, "INVALID_ARGUMENT", "not a known image")

    assert _run(str(archive), "--output", str(tmp_path / "out")) == command.EXIT_FAILED
    assert f"edgeocr: {archive}/a.png: INVALID_ARGUMENT: not a known image" in capsys.readouterr().err


def test_files_that_were_left_out_are_not_passed_over(archive, tmp_path, engine, capsys):
    engine.leave_out = 1

    assert _run(str(archive), "--output", str(tmp_path / "out")) == command.EXIT_FAILED
    assert "1 files were not read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--output", "out"], "name files, folders or URLs"),
        (["/not/there", "--output", "out"], "/not/there: does not exist"),
    ],
)
def test_what_cannot_be_begun_is_refused(engine, words, reason):
    with pytest.raises(UsageError, match=reason):
        _run(*words)


def test_a_missing_extra_is_named(archive, monkeypatch):
    monkeypatch.setattr(command, "_ENGINE", "pyarrow.not_here")

    with pytest.raises(UsageError, match=r"pip install 'edgeocr\[bulk\]'"):
        _run(str(archive), "--output", "out")
