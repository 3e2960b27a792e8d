"""`edgeocr mcp` before it serves."""

import pytest

from edgeocr.client.cli import target
from edgeocr.client.cli.main import main
from edgeocr.client.local import LocalServerError


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--no-urls"], "--root: name a folder"),
        (["--root", "missing"], "--root: No such file or directory: missing"),
        (["--pages-per-call", "0"], "--pages-per-call: must be at least 1"),
        (["--target", "http://localhost:5000"], "is a URL, but servers are named HOST:PORT"),
    ],
)
def test_wrong_arguments_are_reported_before_anything_is_served(arguments, complaint, capsys):
    assert main(["mcp", *arguments]) == 2
    assert complaint in capsys.readouterr().err


def test_a_private_server_that_does_not_start_is_reported(monkeypatch, capsys):
    def fail():
        raise LocalServerError("the server ended (4):\nweights: missing")

    monkeypatch.setattr(target, "LocalServer", fail)
    assert main(["mcp", "--local"]) == 3
    assert "weights: missing" in capsys.readouterr().err
