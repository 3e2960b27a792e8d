"""`edgeocr read` and `edgeocr info` against a server: output, errors, exit codes."""

import io
import json
import os
import pty
import sys
import threading
from contextlib import contextmanager, suppress
from types import SimpleNamespace

import pytest

from edgeocr.client.cli.main import main
from edgeocr.client.cli.read import command
from edgeocr.client.formats.pdf import PdfWriter
from edgeocr.client.formats.text import TextWriter
from edgeocr.client.local import LocalServerError
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.cli.test_live import screen

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def images(tmp_path, monkeypatch):
    """Three images, of which the server refuses the second, in the working folder."""
    for name, text in {"a.png": "text a", "b.png": "error INVALID_ARGUMENT image: no", "c.png": "text c\n中文"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def run(server, *arguments):
    return main(["read", "--target", server.target, *arguments])


def test_text_has_headings_and_errors_apart(server, images, capsys):
    assert run(server, "a.png", "b.png", "c.png") == 1
    captured = capsys.readouterr()
    assert captured.out == "==> a.png <==\ntext a\n\n==> c.png <==\ntext c\n中文\n"
    assert captured.err == "edgeocr: b.png: INVALID_ARGUMENT: image: no\nedgeocr: 2 read, 1 failed, 0 skipped\n"


def test_one_image_has_no_heading_and_all_well_is_0(server, images, capsys):
    assert run(server, "a.png") == 0
    assert capsys.readouterr().out == "text a\n"


def test_jsonl_keeps_errors_in_their_place(server, images, capsys):
    assert run(server, "--format", "jsonl", "missing.png", ".", "*.gif") == 1
    captured = capsys.readouterr()
    results = [json.loads(line) for line in captured.out.splitlines()]
    assert [result["path"] for result in results] == ["missing.png", "./a.png", "./b.png", "./c.png", "*.gif"]
    assert [result.get("error", {}).get("code") for result in results] == [
        "NOT_FOUND",
        None,
        "INVALID_ARGUMENT",
        None,
        "NOT_FOUND",
    ]
    assert captured.err == "edgeocr: 2 read, 3 failed, 1 skipped\n"


def test_output_goes_to_a_file(server, images, capsys, tmp_path):
    assert run(server, "--format", "json", "--output", "out.json", "a.png", "c.png") == 0
    texts = [
        result["pages"][0]["lines"][-1]["text"] for result in json.loads((tmp_path / "out.json").read_text("utf-8"))
    ]
    assert texts == ["text a", "中文"]
    assert capsys.readouterr().out == ""


def test_an_output_that_cannot_be_written_is_a_usage_error(server, images, capsys):
    assert run(server, "--output", "no/such/folder", "a.png") == 2
    assert "--output" in capsys.readouterr().err


def test_choices_reach_the_server(server, images):
    choices = ["--mode", "line", "--characters", "--order", "as-completed", "--timeout", "2.5"]
    assert run(server, *choices, "--omit", "skew", "--omit", "orientation", "a.png") == 0
    (stream,) = server.ocr.streams
    assert list(stream.config.options.omit) == [ocr_pb2.PREPARATION_SKEW, ocr_pb2.PREPARATION_ORIENTATION]
    assert (stream.config.options.mode, stream.config.options.include_characters) == (ocr_pb2.MODE_LINE, True)
    assert (stream.config.order, stream.timeouts) == (ocr_pb2.STREAM_ORDER_AS_COMPLETED, [2.5])


def test_standard_input_is_an_image(server, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"from a pipe")))
    assert run(server, "-") == 0
    assert capsys.readouterr().out == "from a pipe\n"


def test_the_target_comes_from_the_environment(server, images, monkeypatch, capsys):
    monkeypatch.setenv("EDGEOCR_TARGET", server.target)
    assert main(["read", "a.png"]) == 0
    assert main(["info"]) == 0


@pytest.mark.parametrize("command", [["read", "a.png"], ["info"]])
def test_an_unreachable_server_is_named_with_advice(command, tmp_path, capsys):
    target = f"unix:{tmp_path}/none"
    assert main([*command, "--target", target]) == 3
    errors = capsys.readouterr().err
    assert target in errors
    assert "edgeocr serve" in errors
    assert "--local" in errors


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--local", "--target", "x", "a"],
        ["--timeout", "0", "a"],
        ["--in-flight", "none", "a"],
        ["--mode", "x", "a"],
    ],
)
def test_wrong_arguments_are_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["read", *arguments])
    assert caught.value.code == 2


def test_local_reads_through_a_private_server(server, images, monkeypatch, capsys):
    @contextmanager
    def local():
        yield server

    monkeypatch.setattr(command, "LocalServer", local)
    assert main(["read", "--local", "a.png"]) == 0
    assert capsys.readouterr().out == "text a\n"


def test_a_private_server_that_does_not_start_is_told(images, monkeypatch, capsys):
    def fail():
        raise LocalServerError("the server ended (4):\nweights: missing")

    monkeypatch.setattr(command, "LocalServer", fail)
    assert main(["read", "--local", "a.png"]) == 3
    assert "weights: missing" in capsys.readouterr().err


def test_a_terminal_gets_a_progress_bar(server, images, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert run(server, "a.png", "c.png") == 0
    captured = capsys.readouterr()
    assert "2/2" in captured.err
    assert captured.out == "==> a.png <==\ntext a\n\n==> c.png <==\ntext c\n中文\n"


def test_info_is_readable_and_machine_readable(server, capsys):
    info = server.ocr.info
    info.models.add(task=ocr_pb2.MODEL_TASK_RECOGNIZE, name="crnn 2", licence="Apache-2.0", charset_size=6625)
    info.modes.extend([ocr_pb2.MODE_PAGE, 77])
    info.limits.image_bytes = 50_000_000
    assert main(["info", "--target", server.target]) == 0
    text = capsys.readouterr().out
    assert "edgeocr 1.2.3" in text
    assert "crnn 2" in text
    assert "50,000,000" in text
    assert main(["info", "--target", server.target, "--format", "json"]) == 0
    description = json.loads(capsys.readouterr().out)
    assert description["models"][0]["task"] == "recognize"
    assert description["modes"] == ["page", "77"]
    assert description["limits"]["stream_images"] == 4
    assert set(description["limits"]) == set(ocr_pb2.Limits.DESCRIPTOR.fields_by_name)


def test_a_form_with_words_asks_for_characters(server, images, capsys):
    assert run(server, "--format", "hocr", "a.png") == 0
    (stream,) = server.ocr.streams
    assert stream.config.options.include_characters
    assert capsys.readouterr().out.rstrip().endswith("</html>")


def test_a_pdf_goes_to_a_file_and_what_cannot_be_in_it_is_told(server, images, capsys, tmp_path):
    assert run(server, "--format", "pdf", "--output", "out.pdf", "a.png") == 1
    assert "a.png: INVALID_ARGUMENT: the image cannot be put into a PDF" in capsys.readouterr().err
    assert not (tmp_path / "out.pdf").exists()


def test_what_is_read_is_what_the_pdf_is_made_of(server, images, monkeypatch, tmp_path):
    """Even of standard input, and of a file that is gone by then."""
    made = []
    monkeypatch.setattr(PdfWriter, "write", lambda self, result: made.append(self._settings.source(result.key)))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"from a pipe")))
    names = ["a.png", "-", "c.png", "a.png"]
    assert run(server, "--format", "pdf", "--output", "out.pdf", *names) == 0
    assert made == [b"text a", b"from a pipe", "text c\n中文".encode(), b"text a"]


@pytest.mark.parametrize(
    ("arguments", "text_layer"),
    [
        (["--format", "pdf"], ocr_pb2.TEXT_LAYER_USE),
        (["--format", "pdf", "--existing-text", "refuse"], ocr_pb2.TEXT_LAYER_USE),
        (["--format", "pdf", "--existing-text", "redo"], ocr_pb2.TEXT_LAYER_IGNORE),
        (["--format", "pdf", "--text-layer", "ignore"], ocr_pb2.TEXT_LAYER_IGNORE),
        (["--format", "json"], ocr_pb2.TEXT_LAYER_IGNORE),
    ],
)
def test_pages_that_keep_their_text_need_not_be_read(server, images, arguments, text_layer):
    run(server, *arguments, "--output", "out", "a.png")
    (stream,) = server.ocr.streams
    assert stream.config.options.document.text_layer == text_layer


@pytest.mark.parametrize("arguments", [["--pdf-a"], ["--deskew"], ["--language", "en"], ["--existing-text", "skip"]])
def test_what_is_for_pdf_is_a_usage_error_elsewhere(server, images, capsys, arguments):
    assert run(server, *arguments, "a.png") == 2
    assert f"{arguments[0]}: is for --format pdf" in capsys.readouterr().err


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


def test_a_file_that_was_there_stays_where_nothing_is_read(server, images, capsys, tmp_path):
    (tmp_path / "old.txt").write_text("precious")
    assert run(server, "--output", "old.txt", "missing.png") == 1
    assert (tmp_path / "old.txt").read_text() == "precious"
    assert "0 read, 1 failed, 0 skipped; nothing was read, and nothing is written" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["pdf", "text", "jsonl"])
def test_an_input_is_never_an_output(server, images, capsys, tmp_path, form):
    (tmp_path / "link").symlink_to("a.png")
    assert run(server, "--format", form, "--output", "link", "a.png") == 2
    assert "--output: link is a file to be read (a.png)" in capsys.readouterr().err
    assert (tmp_path / "a.png").read_text() == "text a"


@pytest.mark.parametrize("form", ["text", "markdown", "json", "jsonl", "csv", "hocr", "alto"])
def test_an_output_that_is_full_is_one_line_and_1_whatever_the_form(server, images, capsys, form):
    assert run(server, "--format", form, "--output", "/dev/full", "a.png") == 1
    (complaint,) = capsys.readouterr().err.splitlines()
    assert complaint == "edgeocr: /dev/full: cannot be written: No space left on device"


def test_files_that_are_no_images_are_counted(server, images, capsys, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.png").rename("in/a.png")
    (tmp_path / "in" / "letter.docx").touch()
    assert run(server, "--output", "out.txt", "in", "b.png") == 1
    assert "1 read, 1 failed, 1 skipped; written to out.txt" in capsys.readouterr().err
    assert (tmp_path / "out.txt").read_text("utf-8") == "==> in/a.png <==\ntext a\n"


def test_an_interruption_leaves_the_old_file(server, images, tmp_path, monkeypatch):
    (tmp_path / "old.txt").write_text("precious")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(TextWriter, "write", interrupt)
    assert run(server, "--output", "old.txt", "a.png") == 130
    assert not list(tmp_path.glob(".*"))
    assert (tmp_path / "old.txt").read_text() == "precious"


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


@pytest.mark.parametrize(("option", "content"), [("--token-file", "token"), ("--password-file", "secret")])
def test_a_secret_that_everybody_may_read_is_warned_of(server, images, capsys, tmp_path, option, content):
    secret = tmp_path / "secret"
    secret.write_text(content)
    secret.chmod(0o640)
    assert run(server, option, str(secret), "a.png") == 0
    assert capsys.readouterr().err == ""
    secret.chmod(0o604)
    assert run(server, option, str(secret), "a.png") == 0
    assert f"{option}: {secret} is a secret that every user of this machine may read" in capsys.readouterr().err
