"""`edgeocr read` against a server: inputs, choices, errors, exit codes."""

import io
import json
import re
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from edgeocr.client.cli import target
from edgeocr.client.cli.main import main
from edgeocr.client.local import LocalServerError
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.cli.running import run

pytestmark = pytest.mark.timeout(30)


def test_text_has_headings_and_errors_apart(server, images, capsys):
    assert run(server, "a.png", "b.png", "c.png") == 1
    captured = capsys.readouterr()
    assert captured.out == "==> a.png <==\ntext a\n\n==> c.png <==\ntext c\n中文\n"
    error, summary = captured.err.splitlines()
    assert error == "edgeocr: b.png: INVALID_ARGUMENT: image: no"
    assert re.fullmatch(r"edgeocr: 2 files read, 1 failed, 0 skipped; 2 pages, 3 lines in \d+\.\d s", summary)


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
    assert captured.err.startswith("edgeocr: 2 files read, 3 failed, 1 skipped; 2 pages, 3 lines in ")


@pytest.mark.parametrize("order", ["as_completed", "as-completed"])
def test_choices_reach_the_server(server, images, order):
    choices = ["--mode", "line", "--characters", "--order", order, "--timeout", "2.5"]
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

    monkeypatch.setattr(target, "LocalServer", local)
    assert main(["read", "--local", "a.png"]) == 0
    assert capsys.readouterr().out == "text a\n"


def test_a_private_server_that_does_not_start_is_reported(images, monkeypatch, capsys):
    def fail():
        raise LocalServerError("the server ended (4):\nweights: missing")

    monkeypatch.setattr(target, "LocalServer", fail)
    assert main(["read", "--local", "a.png"]) == 3
    assert "weights: missing" in capsys.readouterr().err


def test_a_form_with_words_asks_for_characters(server, images, capsys):
    assert run(server, "--format", "hocr", "a.png") == 0
    (stream,) = server.ocr.streams
    assert stream.config.options.include_characters
    assert capsys.readouterr().out.rstrip().endswith("</html>")


@pytest.mark.parametrize(("option", "content"), [("--token-file", "token"), ("--password-file", "secret")])
def test_a_secret_that_everybody_may_read_is_warned_of(server, images, capsys, tmp_path, option, content):
    secret = tmp_path / "secret"
    secret.write_text(content)
    secret.chmod(0o640)
    assert run(server, option, str(secret), "a.png") == 0
    assert capsys.readouterr().err == ""
    secret.chmod(0o604)
    assert run(server, option, str(secret), "a.png") == 0
    assert f"{option}: {secret} is a secret that every user of this machine can read" in capsys.readouterr().err
