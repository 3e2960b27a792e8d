"""Where `edgeocr read` writes: files that are whole or left alone, PDFs, and outputs that are full."""

import io
import json
from types import SimpleNamespace

import pytest

from edgeocr.client.formats.pdf import PdfWriter
from edgeocr.client.formats.text import TextWriter
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.cli.running import run

pytestmark = pytest.mark.timeout(30)


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


def test_a_pdf_goes_to_a_file_and_what_cannot_be_in_it_is_reported(server, images, capsys, tmp_path):
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


def test_a_file_that_was_there_stays_where_nothing_is_read(server, images, capsys, tmp_path):
    (tmp_path / "old.txt").write_text("precious")
    assert run(server, "--output", "old.txt", "missing.png") == 1
    assert (tmp_path / "old.txt").read_text() == "precious"
    errors = capsys.readouterr().err
    assert "0 files read, 1 failed, 0 skipped; 0 pages, 0 lines in " in errors
    assert errors.endswith("; nothing was read or written\n")


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
    errors = capsys.readouterr().err
    assert "1 file read, 1 failed, 1 skipped; 1 page, 1 line in " in errors
    assert errors.endswith("; written to out.txt\n")
    assert (tmp_path / "out.txt").read_text("utf-8") == "==> in/a.png <==\ntext a\n"


def test_an_interruption_leaves_the_old_file(server, images, tmp_path, monkeypatch):
    (tmp_path / "old.txt").write_text("precious")

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(TextWriter, "write", interrupt)
    assert run(server, "--output", "old.txt", "a.png") == 130
    assert not list(tmp_path.glob(".*"))
    assert (tmp_path / "old.txt").read_text() == "precious"


def test_the_command_asks_for_a_reading_where_one_is_named(server, images):
    run(server, "--reading", "fast", "a.png")
    run(server, "a.png")
    assert [stream.config.options.reading for stream in server.ocr.streams] == [ocr_pb2.READING_FAST, 0]
