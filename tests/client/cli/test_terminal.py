"""`edgeocr read` on a terminal: progress, lines as they are read, and nothing that a terminal obeys."""

import os
import pty
import sys
import threading
from contextlib import contextmanager, suppress

import pytest

from tests.client.cli.running import run
from tests.client.cli.test_live import screen

pytestmark = pytest.mark.timeout(30)


def test_a_terminal_gets_a_progress_bar(server, images, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(server, "a.png", "c.png") == 0
    captured = capsys.readouterr()
    assert "2/2" in captured.err
    assert captured.out == "==> a.png <==\ntext a\n\n==> c.png <==\ntext c\n中文\n"


@contextmanager
def terminal(monkeypatch):
    """A terminal for standard output and error; the list holds what it was sent, once the block is done."""
    master, slave = pty.openpty()
    received = []

    def receive():
        with suppress(OSError):
            while data := os.read(master, 4096):
                received.append(data)

    reader = threading.Thread(target=receive)
    reader.start()
    with open(slave, "w", encoding="utf-8") as both, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", both)
        patch.setattr(sys, "stderr", both)
        yield received
    reader.join()
    os.close(master)


def test_a_terminal_shows_lines_while_they_are_read_and_keeps_the_text(server, images, monkeypatch):
    with terminal(monkeypatch) as received:
        assert run(server, "c.png") == 0
    output = b"".join(received).decode().replace("\r\n", "\n")
    assert "[0/1 pages] c.png: 1 lines" in output
    assert screen(output) == "text c\n中文\n"
    (stream,) = server.ocr.streams
    assert not stream.config.omit_line_events


def test_without_a_terminal_lines_are_not_asked_for(server, images, capsys):
    assert run(server, "c.png") == 0
    (stream,) = server.ocr.streams
    assert stream.config.omit_line_events
    assert "\x1b" not in capsys.readouterr().out


def test_nothing_that_a_terminal_obeys_is_in_an_error(server, tmp_path, capsys):
    name = "a\x1b[2J\u202eb.png"
    (tmp_path / name).write_text("error INVALID_ARGUMENT image: \x1b]0;owned\x07no", encoding="utf-8")
    assert run(server, str(tmp_path / name)) == 1
    errors = capsys.readouterr().err
    assert all(character.isprintable() or character == "\n" for character in errors)
    assert "a[2Jb.png: INVALID_ARGUMENT: image: ]0;ownedno" in errors


def test_nothing_that_a_terminal_obeys_is_in_a_text_on_one(server, tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("\x1b[31mred\u202eback\x07\u3000全角", encoding="utf-8")
    with terminal(monkeypatch) as received:
        assert run(server, str(tmp_path / "a.png")) == 0
    output = screen(b"".join(received).decode().replace("\r\n", "\n"))
    assert output == "[31mredback\u3000全角\n"
