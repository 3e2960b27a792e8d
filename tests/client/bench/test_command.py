"""`edgeocr bench` against a server: output and exit codes."""

import json
import sys

import pytest

from edgeocr.client.cli.main import main

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def images(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("text a")
    (tmp_path / "bad.png").write_text("error INVALID_ARGUMENT image: no")
    monkeypatch.chdir(tmp_path)


def bench(server, *arguments):
    return main(["bench", "--target", server.target, "--warm-up", "0", *arguments])


def test_json_has_the_load_and_what_became_of_it(server, images, capsys):
    assert bench(server, "--format", "json", "--requests", "5", "--mode", "line", "--streams", "1", "a.png") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["load"]["mode"] == "line"
    assert report["load"]["streams"] == 1
    assert (report["sent"], report["ok"]) == (5, 5)
    assert set(report["latency_seconds"]) == {"count", "mean", "p50", "p90", "p99", "p99.9", "max"}


def test_text_counts_errors_and_the_exit_code_is_1(server, images, capsys):
    assert bench(server, "--requests", "4", "a.png", "bad.png") == 1
    said = capsys.readouterr().out
    assert "sent 4: 2 ok, 0 rejected, 2 errors, 0 unanswered" in said
    assert "codes: INVALID_ARGUMENT 2, OK 2" in said


def test_output_goes_to_a_file(server, images, capsys, tmp_path):
    assert bench(server, "--requests", "1", "--format", "json", "--output", "out.json", "a.png") == 0
    assert json.loads((tmp_path / "out.json").read_text())["ok"] == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["missing.png"], "missing.png"),
        (["*.gif"], "No file matches"),
        (["--rate", "-1", "a.png"], "rate must be more"),
    ],
)
def test_wrong_arguments_are_2(server, images, capsys, arguments, complaint):
    assert bench(server, *arguments) == 2
    assert complaint in capsys.readouterr().err


def test_no_server_is_3(stopped_server, images, capsys):
    assert bench(stopped_server, "a.png") == 3
    assert "no answer from the server" in capsys.readouterr().err


def test_a_plot_without_matplotlib_says_what_to_install(server, images, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert bench(server, "--plot", "out.png", "a.png") == 2
    assert "pip install 'edgeocr[plot]'" in capsys.readouterr().err


def test_a_plot_is_drawn(server, images, tmp_path):
    pytest.importorskip("matplotlib")
    assert bench(server, "--requests", "20", "--streams", "1", "--plot", "out.svg", "a.png") == 0
    assert (tmp_path / "out.svg").stat().st_size > 5000
