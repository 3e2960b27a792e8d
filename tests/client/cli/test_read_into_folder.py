"""`edgeocr read --output-dir`, `--skip-existing`, `--progress`, and URLs, against a server."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from edgeocr.client.cli.main import main
from tests.client.cli.running import run

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree of images, one of which the server refuses, in the working folder."""
    texts = {
        "in/a.png": "text a",
        "in/a.pdf": "first\ftwo\nlines",
        "in/deep/a.png": "text deep",
        "in/deep/bad.png": "error INVALID_ARGUMENT image: no",
        "in/notes.docx": "",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder="out"):
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") for path in Path(folder).rglob("*") if path.is_file()
    }


def images_sent(server):
    return sum(len(stream.images) for stream in server.ocr.streams)


def test_each_input_that_was_read_has_a_file_in_a_tree_as_theirs(server, tree, capsys):
    assert run(server, "--output-dir", "out", "in") == 1
    assert files() == {
        "a.png.txt": "text a\n",
        "a.pdf.txt": "==> in/a.pdf, page 1 <==\nfirst\n\n==> in/a.pdf, page 2 <==\ntwo\nlines\n",
        "deep/a.png.txt": "text deep\n",
    }
    captured = capsys.readouterr()
    assert captured.out == ""
    error, summary = captured.err.splitlines()
    assert error == "edgeocr: in/deep/bad.png: INVALID_ARGUMENT: image: no"
    pattern = r"edgeocr: 3 files read, 1 failed, 1 skipped; 4 pages, 5 lines in \d+\.\d s; written to out"
    assert re.fullmatch(pattern, summary)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["in/a.png"], {"a.png.txt"}),
        (["in/a.png", "in/deep/a.png"], {"a.png.txt", "deep/a.png.txt"}),
        (["in/deep", "in/a.png", "in/../in/a.png"], {"a.png.txt", "deep/a.png.txt"}),
        (["in/deep", "."], {"in/a.png.txt", "in/a.pdf.txt", "in/deep/a.png.txt"}),
    ],
)
def test_the_tree_begins_at_the_folder_that_all_inputs_share_and_each_is_read_once(server, tree, paths, names):
    run(server, "--output-dir", "out", *paths)
    assert set(files()) == names
    assert len(set(server.ocr.streams[0].images)) == images_sent(server)


@pytest.mark.parametrize("form", ["text", "markdown", "json", "jsonl", "csv", "tables-csv", "xlsx", "hocr", "alto"])
def test_every_form_is_a_whole_file_and_none_is_written_for_an_error(server, tree, form):
    assert run(server, "--format", form, "--output-dir", "out", "in/deep") == 1
    (written,) = Path("out").iterdir()
    assert written.name.startswith("a.png.")
    if form == "json":
        assert [result["path"] for result in json.loads(written.read_text("utf-8"))] == ["in/deep/a.png"]


def test_what_was_written_before_is_skipped_and_what_failed_is_read_again(server, tree, capsys):
    run(server, "--output-dir", "out", "in/deep")
    Path("out/a.png.txt").write_text("corrected by hand")
    before = images_sent(server)
    assert run(server, "--output-dir", "out", "--skip-existing", "in/deep") == 1
    assert images_sent(server) == before + 1
    assert Path("out/a.png.txt").read_text() == "corrected by hand"
    assert "0 files read, 1 failed, 1 skipped (1 written before, 0 not images)" in capsys.readouterr().err


def test_where_all_was_written_before_no_server_is_needed(server, tree, capsys):
    assert run(server, "--output-dir", "out", "in/a.png", "in/a.pdf") == 0
    capsys.readouterr()
    assert main(["read", "--target", "unix:/nowhere", "--skip-existing", "--output-dir", "out", "in/a.p*"]) == 0
    assert "0 files read, 0 failed, 2 skipped (2 written before, 0 not images)" in capsys.readouterr().err


def test_outputs_are_no_inputs_of_the_next_run(server, tree):
    Path("in/out").mkdir()
    Path("in/out/a.png").write_text("an output of before")
    run(server, "--output-dir", "in/out", "in")
    assert set(files("in/out")) == {"a.png", "a.png.txt", "a.pdf.txt", "deep/a.png.txt"}


def test_an_input_is_never_replaced(server, tree, capsys):
    Path("in/a.png.json").write_text("precious")
    assert run(server, "--format", "json", "--output-dir", "in", "in/a.png", "in/a.png.json") == 2
    assert "in/a.png.json is a file to be read (in/a.png.json)" in capsys.readouterr().err
    assert Path("in/a.png.json").read_text() == "precious"


def test_what_was_written_next_to_its_input_is_not_read_as_one(server, tree, capsys):
    Path("in/a.png.pdf").write_text("written before")
    arguments = ("--output-dir", "in", "--skip-existing", "--format", "pdf", "in")
    assert run(server, *arguments) == 2
    assert "in/a.png.pdf is a file to be read" in capsys.readouterr().err
    assert not Path("in/a.png.pdf.pdf").exists()


def test_inputs_that_look_alike_behind_a_link_are_not_taken_for_one(server, tree, capsys):
    Path("link").symlink_to("in/deep")
    Path("a.png").write_text("another")
    assert run(server, "--output-dir", "out", "link/../a.png", "a.png") == 2
    assert "link/../a.png and a.png have the same output file" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_fails_its_input_alone(server, tree, capsys):
    Path("out/a.png.txt").mkdir(parents=True)
    assert run(server, "--output-dir", "out", "in/a.png", "in/a.pdf") == 1
    assert set(files()) == {"a.pdf.txt"}
    assert "in/a.png: out/a.png.txt cannot be written: Is a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--skip-existing", "in"], "--skip-existing: is for --output-dir"),
        (["--output-dir", "out", "-"], "standard input has no name"),
        (["--output-dir", "in/a.png", "in"], "--output-dir: File exists: in/a.png"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(server, tree, capsys, arguments, complaint):
    assert run(server, *arguments) == 2
    assert complaint in capsys.readouterr().err


def test_progress_is_a_line_for_each_page_without_a_terminal(server, tree, capsys):
    assert run(server, "--progress", "in/a.pdf", "in/a.png") == 0
    progress = capsys.readouterr().err.splitlines()[:3]
    assert progress == [
        "edgeocr: [1/3 pages] in/a.pdf, page 1: 1 lines",
        "edgeocr: [2/3 pages] in/a.pdf, page 2: 2 lines",
        "edgeocr: [3/3 pages] in/a.png, page 1: 1 lines",
    ]


@pytest.fixture
def site():
    """A web server on this machine, whose files say what their names are."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = f"text of {self.path}".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as served:
        threading.Thread(target=served.serve_forever).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


def test_a_url_is_fetched_where_private_hosts_are_allowed(server, tree, site, capsys):
    assert run(server, "--private-urls", f"{site}/scan.png?x=1") == 0
    assert capsys.readouterr().out == "text of /scan.png?x=1\n"


def test_a_url_of_a_private_host_is_refused_unless_that_is_allowed(server, tree, site, capsys):
    assert run(server, f"{site}/scan.png", "in/a.png") == 1
    captured = capsys.readouterr()
    assert f"{site}/scan.png: INVALID_ARGUMENT: 127.0.0.1: has an address that is not of the public" in captured.err
    assert captured.out == "==> in/a.png <==\ntext a\n"


def test_urls_have_files_of_their_own_names(server, tree, site):
    long = f"{site}/{'long' * 60}.png"
    assert run(server, "--private-urls", "--output-dir", "out", f"{site}/a/b.png", f"{site}/a_b.png", long) == 0
    names = sorted(files())
    assert len(names) == 3
    assert any(name.endswith("%2Fa%2Fb.png.txt") for name in names)
    assert max(map(len, names)) < 255


def test_what_is_no_url_fails_alone(server, tree, capsys):
    odd = "http://127.0.0.1:1/\udcff.png"
    assert run(server, "--output-dir", "out", "http://[/a.png", odd, "in/a.png") == 1
    assert files() == {"a.png.txt": "text a\n"}
    refused, _, summary = capsys.readouterr().err.splitlines()
    assert "http://[/a.png: is not a URL" in refused
    assert summary.startswith("edgeocr: 1 file read, 2 failed")


def test_a_name_that_is_too_long_with_its_suffix_fails_its_input_alone(server, tree, capsys):
    long = "in/" + "a" * 249 + ".png"
    Path(long).write_text("text")
    Path("out").mkdir()
    assert run(server, "--output-dir", "out", "--skip-existing", long, "in/a.png") == 1
    assert files() == {"a.png.txt": "text a\n"}
    assert "cannot be written: File name too long" in capsys.readouterr().err
