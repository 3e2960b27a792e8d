"""The programs of `examples/` do what their heads say."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import cv2
import pypdfium2
import pytest

from tests.support.files.documents import text_page
from tests.support.serving import ServerProcess, eventually

pytestmark = pytest.mark.slow

EXAMPLES = Path("examples").resolve()
SAMPLES = Path("docs/samples").resolve()


@pytest.fixture(scope="module")
def environment():
    with ServerProcess() as server:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        yield {**os.environ, "EDGEOCR_TARGET": server.target, "PATH": path}


def run(environment, *command):
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout


def test_a_receipt_becomes_json(environment):
    answer = json.loads(run(environment, sys.executable, EXAMPLES / "receipt_to_json.py", SAMPLES / "receipt.png"))
    assert answer == {
        "items": [
            {"item": "Notebook A5 2 x 3.50", "amount": "7.00"},
            {"item": "Fountain pen 1 x 18.90", "amount": "18.90"},
        ],
        "total": "25.90",
    }


def test_a_folder_becomes_searchable_files_and_what_is_there_is_left(environment, tmp_path):
    scans = tmp_path / "scans"
    scans.mkdir()
    for name in ("receipt.png", "notice.jpg"):
        (scans / name).write_bytes((SAMPLES / name).read_bytes())
    searchable = tmp_path / "searchable"
    run(environment, EXAMPLES / "folder_to_pdfs.sh", scans, searchable)
    with pypdfium2.PdfDocument(searchable / "receipt.pdf") as document:
        assert "HARBOUR STATIONERY" in document[0].get_textpage().get_text_range()
    (searchable / "notice.pdf").write_bytes(b"mine")
    run(environment, EXAMPLES / "folder_to_pdfs.sh", scans, searchable)
    assert (searchable / "notice.pdf").read_bytes() == b"mine"


def test_frames_are_printed_when_their_text_changes(environment, tmp_path):
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 1, (400, 200))
    for text in ("first words", "first words", "second words"):
        writer.write(text_page(text))
    writer.release()
    printed = run(environment, sys.executable, EXAMPLES / "camera.py", film)
    assert printed == "frame 1: first words\nframe 3: second words\n"


def test_a_form_answers_with_the_text_and_with_what_is_wrong(environment):
    command = [sys.executable, "-u", "-c", _ON_ANY_PORT]
    with subprocess.Popen(command, env=environment, cwd=EXAMPLES, stdout=subprocess.PIPE, text=True) as form:
        try:
            assert form.stdout is not None
            address = f"http://127.0.0.1:{int(form.stdout.readline())}/"
            eventually(lambda: b"<form" in urllib.request.urlopen(address, timeout=10).read())
            picture = (SAMPLES / "receipt.png").read_bytes()
            assert b"TOTAL 25.90" in urllib.request.urlopen(address, picture, timeout=30).read()
            with pytest.raises(urllib.error.HTTPError, match="400") as refused:
                urllib.request.urlopen(address, b"no picture", timeout=30)
            assert b"INVALID_ARGUMENT" in refused.value.read()
            refused.value.close()
        finally:
            form.terminate()


_ON_ANY_PORT = """
import os
from http.server import ThreadingHTTPServer
import edgeocr
from web_form import Page
with edgeocr.Client(os.environ["EDGEOCR_TARGET"]) as Page.client:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    print(server.server_port)
    server.serve_forever()
"""
