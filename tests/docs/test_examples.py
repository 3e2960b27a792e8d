"""Every example of README and docs runs."""

from unittest import SkipTest

import pytest
import trustme

from tests.docs.examples import DOCUMENTS, ROOT, Runner, unlabelled
from tests.docs.extras import missing_extras
from tests.support.certificates import authority_file, issue
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.serving import ServerProcess

_NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
_TOKEN = "token-of-sixteen-letters"
_NOTICES = ("scan.jpg", "test.jpg", "a.jpg", "letter.jpg", "scans/a.jpg", "pages/a.jpg")
_RECEIPTS = ("a.png", "b.png", "report.png", "invoice.png", "receipts/a.png", "more/b.png", "scans/b.png")
_LINES = ("line.png", "crop.png", "lines/line.png")
_LEAST_RUN = 0.95


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with files by the names that examples give them."""
    folder = tmp_path_factory.mktemp("examples")
    for linked in ("docs", "deploy", "model", "examples", "Dockerfile.arm64"):
        if (ROOT / linked).exists():
            (folder / linked).symlink_to(ROOT / linked)
    for names, sample in ((_NOTICES, "notice.jpg"), (_RECEIPTS, "receipt.png"), (_LINES, "line.png")):
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes((ROOT / "docs/samples" / sample).read_bytes())
    pages = [PdfPageSpec(texts=((f"Page {number}", 40, 60),)) for number in range(1, 11)]
    for name in ("scan.pdf", "report.pdf", "book.pdf"):
        (folder / name).write_bytes(pdf(pages))
    (folder / "locked.pdf").write_bytes(pdf(pages[:1], "opens it"))
    (folder / "secret").write_text("opens it\n")
    (folder / "tokens").write_text(f"{_TOKEN}\n")
    authority = trustme.CA()
    authority_file(authority, folder, "ca")
    issue(authority, folder, "server", "localhost")
    return folder


@pytest.fixture(scope="module")
def runner(folder):
    certificate = ("--tls-certificate", str(folder / "server.pem"), "--tls-key", str(folder / "server.key"))
    with (
        ServerProcess("--http", "127.0.0.1:0") as server,
        ServerProcess(*certificate, "--tokens", str(folder / "tokens")) as guarded,
    ):
        port, guarded_port = server.target.rpartition(":")[2], guarded.target.rpartition(":")[2]
        yield Runner(
            folder,
            {
                "127.0.0.1:50051": server.target,
                "localhost:50051": f"localhost:{port}",
                "10.0.0.1:50051": server.target,
                "10.0.0.2:50051": server.target,
                "edgeocr.example:50051": f"localhost:{port}",
                "ocr.example:50051": f"localhost:{guarded_port}",
                "127.0.0.1:5000": server.http.removeprefix("http://"),
                ".venv/bin/": "",
                "Client()": f'Client("{server.target}")',
                "localhost:5000": server.http.removeprefix("http://"),
            },
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", _NAMES)
def test_the_examples_of_a_document_run(name, runner, monkeypatch):
    monkeypatch.chdir(runner.folder)
    for variable, value in (("EDGEOCR_TARGET", runner.words["127.0.0.1:50051"]), ("EDGEOCR_TOKEN", _TOKEN)):
        monkeypatch.setenv(variable, value)
    for example in runner.document(ROOT / name).examples():
        try:
            example.evaluate()
        except SkipTest as reason:
            print(f"line {example.line} is not run: {reason}")


@pytest.mark.parametrize("name", _NAMES)
def test_every_block_says_what_it_is(name):
    assert not unlabelled(ROOT / name)


def test_nearly_all_examples_can_run():
    blocks = sum(path.read_text("utf-8").count("\n```") // 2 for path in DOCUMENTS)
    skipped = sum(path.read_text("utf-8").count("<!-- skip: next") for path in DOCUMENTS)
    assert skipped <= (1 - _LEAST_RUN) * blocks


def test_an_extra_that_is_not_there_is_noticed():
    assert missing_extras(["install", ".[web,wep]", "other[extra]"], {"web"}) == {"wep"}
