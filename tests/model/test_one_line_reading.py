"""`edgeocr.read`: the reading API in one call."""

import dataclasses
import threading

import pytest

import edgeocr
from edgeocr.client import Client
from edgeocr.model.errors import InvalidInput
from tests.support.files.documents import damage_page, text_page, tiff
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page
from tests.support.serving import ServerProcess


def test_an_image_a_document_and_pixels_are_read():
    pixels = page([("One page", (60, 60)), ("第二行文字", (60, 160))])
    document = pdf([PdfPageSpec([(text, 40, 90)]) for text in ("Page one", "Page two")])

    assert edgeocr.read(pixels).text == edgeocr.read(encoded(pixels)).text == "One page\n第二行文字"
    assert edgeocr.read(document).text == "Page one\n\nPage two"
    assert edgeocr.read(encoded(line("Invoice 2026")), mode="line").text == "Invoice 2026"


def test_a_file_is_read_by_its_name(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tiff([text_page(text) for text in ("Page one", "Page two", "Page three")]))

    read = edgeocr.read(path, document=edgeocr.DocumentChoice(pages="2-"))

    assert [(one.index, one.text) for one in read.pages] == [(1, "Page two"), (2, "Page three")]
    assert [line.text for line in read.lines] == ["Page two", "Page three"]


def test_a_document_cannot_be_changed():
    read = edgeocr.read(encoded(page([("Frozen", (60, 60))])))
    with pytest.raises(dataclasses.FrozenInstanceError):
        read.pages[0].lines[0].text = "thawed"


def test_a_page_that_cannot_be_read_has_its_error():
    data = damage_page(tiff([text_page(text) for text in ("Page one", "Page two")]), 1)
    one, two = edgeocr.read(data).pages
    assert (one.error, one.text) == (None, "Page one")
    assert (two.error.code_name, two.text) == ("INVALID_ARGUMENT", "")


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"mode": "word"}, ValueError, "mode must be one of page, line, got 'word'"),
        ({"omit": ["colour"]}, ValueError, "omit must be among .* got 'colour'"),
        (
            {"document": edgeocr.DocumentChoice(dots_per_inch=5)},
            InvalidInput,
            "dots_per_inch: 5 is not from 36 to 1200",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments, error, text):
    with pytest.raises(error, match=text):
        edgeocr.read(b"", **arguments)


def test_threads_take_turns():
    data, texts = encoded(line("Turns")), []
    threads = [threading.Thread(target=lambda: texts.append(edgeocr.read(data, mode="line").text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert texts == ["Turns"] * 4


def test_a_server_answers_with_the_same_document():
    data = pdf([PdfPageSpec([("Same one", 40, 90)]), PdfPageSpec([("Same two", 40, 90)])])
    with ServerProcess() as server, Client(server.target) as client:
        answered = client.read(data)

    assert type(answered) is edgeocr.Document
    assert [[line.text for line in one.lines] for one in answered.pages] == [["Same one"], ["Same two"]]
    here = edgeocr.read(data)
    assert [(one.width, one.height, one.text) for one in answered.pages] == [
        (one.width, one.height, one.text) for one in here.pages
    ]
