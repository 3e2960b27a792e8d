"""25 files in one session, in Chromium and in Firefox: what is seen, what is fixed, and what is saved."""

import base64
import csv
import io
import json
import re
import zipfile
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from tests.browser.acts import answer
from tests.browser.sessions import drawer
from tests.browser.sessions.driving import BROWSERS, driven

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drawer")
    drawer.fill(folder)
    return folder


@pytest.fixture(scope="module", params=BROWSERS)
def session(request, server, files, tmp_path_factory):
    out = tmp_path_factory.mktemp("session") / "seen.json"
    return driven("session.mjs", request.param, server.http, files, out, out=out)


def saved(session, form):
    """The files of what was saved in a form, by their names."""
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(session["saved"][form])))
    assert archive.testzip() is None
    return {name: archive.read(name) for name in archive.namelist()}


def test_what_is_seen_fixed_and_saved_is_what_was_read(session, server, files):
    assert session["complaints"] == []
    failed = {one["name"]: one["said"] for one in session["states"] if one["state"] == "failed"}
    assert failed.keys() == drawer.BROKEN.keys()
    assert all(failed[name].startswith(said) for name, said in drawer.BROKEN.items())
    assert session["totals"].startswith("21 of 25 read · 4 failed")
    assert session["last"] == {"name": drawer.LAST, "isInView": True}
    assert session["selected"].strip().replace(" ", "") == "Thelastofthem"

    texts = {name: data.decode() for name, data in saved(session, "txt").items()}
    read = {
        path.name: answer(server, path.read_bytes())["results"][0]
        for path in files.iterdir()
        if path.name not in failed
    }
    assert len(texts) == len(read) == 21
    fixed = session["fixed"]
    for name, result in read.items():
        expected = "\n\n".join(page["text"] for page in result["pages"] if page["text"])
        if name == fixed["file"]:
            assert fixed["text"] in expected
            found = texts[f"{Path(name).stem}.txt"]
            assert found != expected + "\n"
            lines = result["pages"][0]["lines"]
            changed = [line["text"] for line in lines if line["text"] not in found]
            assert changed == [fixed["text"]]
            assert fixed["text"].replace(fixed["character"], fixed["other"], 1) in found or fixed["other"] in found
        elif name != drawer.HOSTILE:
            assert texts[f"{Path(name).stem}.txt"] == expected + "\n"

    objects = {name: json.loads(data) for name, data in saved(session, "json").items()}
    assert [page["index"] for page in objects["book.json"]["pages"]] == [0, 1, 2]
    edited = [line for one in objects.values() for page in one["pages"] for line in page["lines"] if "read" in line]
    assert [line["read"] for line in edited] == [fixed["text"]]
    table = list(csv.reader(io.StringIO(saved(session, "csv")["table.csv"].decode("utf-8-sig"), newline="")))
    assert table == [["00", "01", "02"], ["10", "11", "12"], ["20", "21", "22"]]
    assert "| 10 | 11 | 12 |" in saved(session, "md")["table.md"].decode()
    document = pdfium.PdfDocument(saved(session, "pdf")["book.pdf"])
    assert len(document) == 3
    document.close()


def test_no_cell_that_is_saved_is_a_formula(session):
    (name,) = (name for name in saved(session, "csv") if "cmd" in name)
    assert not set(name) & set('/\\:*?"<>|')
    rows = csv.reader(io.StringIO(saved(session, "csv")[name].decode("utf-8-sig"), newline=""))
    assert [row[0][0] for row in rows] == ["'", "'", "'"]
    book = zipfile.ZipFile(io.BytesIO(saved(session, "xlsx")[name.replace(".csv", ".xlsx")]))
    sheet = book.read("xl/sheet1.xml").decode()
    assert re.findall(r'<c [^>]*t="(\w+)"', sheet) == ["inlineStr"] * 3
    assert "<f" not in sheet
