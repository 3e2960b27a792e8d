"""Documents: which pages are asked for, how they come back, and what the command line makes of them."""

import json

import pytest

from edgeocr.client import AsyncClient, Client, DocumentChoice
from edgeocr.client.cli.main import main
from edgeocr.client.options import make_document_options
from edgeocr.proto.edgeocr.v1 import ocr_pb2

pytestmark = pytest.mark.timeout(30)


@pytest.mark.parametrize(
    ("pages", "ranges"),
    [
        (None, []),
        ("3", [(2, 2)]),
        ("1-3,7", [(0, 2), (6, 6)]),
        ("9-", [(8, None)]),
        (" 1 - 2 , 5 ", [(0, 1), (4, 4)]),
    ],
)
def test_pages_count_from_1_for_people_and_from_0_in_the_contract(pages, ranges):
    asked = make_document_options(DocumentChoice(pages)).pages
    assert [(one.first, one.last if one.HasField("last") else None) for one in asked] == ranges


@pytest.mark.parametrize("pages", ["", "0", "3-1", "-2", "1,,2", "a", "1-2-3", "99999999999"])
def test_pages_that_make_no_sense_are_refused_at_once(pages):
    with pytest.raises(ValueError, match="pages"):
        DocumentChoice(pages)


@pytest.mark.parametrize("wrong", [{"dots_per_inch": -1}, {"dots_per_inch": float("nan")}, {"text_layer": "maybe"}])
def test_other_wrong_choices_are_refused_at_once(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DocumentChoice(**wrong)


def test_a_password_is_not_in_what_is_printed():
    assert "secret" not in repr(DocumentChoice(password="secret"))


def test_the_choice_reaches_the_server_by_call_and_by_stream(server):
    choice = DocumentChoice("2-", 150, "secret", "use")
    expected = ocr_pb2.DocumentOptions(
        pages=[ocr_pb2.PageRange(first=1)], dots_per_inch=150, password="secret", text_layer=ocr_pb2.TEXT_LAYER_USE
    )
    with Client(server.target) as client:
        client.read(b"a", document=choice)
        assert list(client.read_lines(b"a", document=choice))
        assert list(client.read_many([(0, b"a")], document=choice))
    assert server.ocr.options[0].document == expected
    assert [stream.config.options.document for stream in server.ocr.streams] == [expected, expected]


async def test_pages_are_reported_as_they_come_and_are_in_the_result(server):
    told = []
    async with AsyncClient(server.target) as client:
        pairs = [("doc", b"one\ftwo\fthree"), ("image", b"four")]
        found = client.read_many(
            pairs, on_page=lambda key, event: told.append((key, event.page.index, event.page_count))
        )
        results = [result async for result in found]
    assert told == [("doc", 0, 3), ("doc", 1, 3), ("doc", 2, 3), ("image", 0, 1)]
    assert [[page.text for page in result.document.pages] for result in results] == [["one", "two", "three"], ["four"]]


async def test_a_document_that_breaks_off_is_read_again_and_has_each_page_once(server, stream_plan, quick_retry):
    server.ocr.plans = [stream_plan(break_after_page=1)]
    told = []
    async with AsyncClient(server.target, retry=quick_retry) as client:
        found = client.read_many([(0, b"one\ftwo\fthree")], on_page=lambda _, event: told.append(event.page.index))
        (result,) = [result async for result in found]
    assert [page.text for page in result.document.pages] == ["one", "two", "three"]
    assert told == [0, 1, 0, 1, 2]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_text("first\fdamaged page\fthird")
    (tmp_path / "password").write_text("päss word\nsecond line\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read(server, *arguments):
    return main(["read", "--target", server.target, *arguments])


def test_the_command_says_which_page_failed_and_writes_the_others(server, folder, capsys):
    assert read(server, "a.pdf") == 1
    captured = capsys.readouterr()
    assert captured.out.splitlines() == [
        *("==> a.pdf, page 1 <==", "first", ""),
        *("==> a.pdf, page 2 <==", ""),
        *("==> a.pdf, page 3 <==", "third"),
    ]
    assert captured.err == "edgeocr: a.pdf, page 2: INVALID_ARGUMENT: damaged page\n"


def test_json_has_the_places_of_pages(server, folder, capsys):
    assert read(server, "--format", "jsonl", "a.pdf") == 1
    pages = json.loads(capsys.readouterr().out)["pages"]
    assert [page.get("index", 0) for page in pages] == [0, 1, 2]
    assert pages[1]["error"] == {"code": "INVALID_ARGUMENT", "message": "damaged page"}


def test_the_commands_choices_reach_the_server(server, folder):
    read(server, "--pages", "1-3,7", "--dpi", "300", "--password-file", "password", "--text-layer", "use", "a.pdf")
    assert server.ocr.streams[0].config.options.document == make_document_options(
        DocumentChoice("1-3,7", 300, "päss word", "use")
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--pages", "x"], "pages must be written as in 1-3,7,9-, got 'x'"),
        (["--password-file", "none"], "--password-file: No such file or directory: none"),
    ],
)
def test_wrong_choices_are_reported_before_anything_is_read(server, folder, capsys, arguments, words):
    assert read(server, *arguments, "a.pdf") == 2
    assert words in capsys.readouterr().err
    assert server.ocr.streams == []


def test_documents_in_a_folder_are_read(server, folder, capsys):
    read(server, str(folder))
    assert "first" in capsys.readouterr().out


@pytest.mark.parametrize("reading", ["adaptive", "accurate", "fast"])
def test_the_reading_reaches_the_server_by_call_and_by_stream(server, reading):
    expected = ocr_pb2.Reading.Value(f"READING_{reading.upper()}")
    with Client(server.target) as client:
        client.read(b"a", reading=reading)
        assert list(client.read_lines(b"a", reading=reading))
        assert list(client.read_many([(0, b"a")], reading=reading))
    assert server.ocr.options[0].reading == expected
    assert [stream.config.options.reading for stream in server.ocr.streams] == [expected, expected]


def test_an_unknown_reading_is_refused_at_once(server):
    with Client(server.target) as client, pytest.raises(ValueError, match="reading must be one of"):
        client.read(b"a", reading="slow")
