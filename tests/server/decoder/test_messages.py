import json

import pytest

from edgeocr.model.errors import InvalidInput, Locked
from edgeocr.model.files.opening.requests import (
    CountPages,
    DecodedImage,
    DecodeImage,
    DrawPage,
    LookAtPage,
    PageLook,
    Samples,
    TextLine,
)
from edgeocr.server.decoder.messages import (
    BadMessage,
    Bug,
    answer_from,
    answer_values,
    error_values,
    request_from,
    request_values,
)

LOOK = LookAtPage(0, 200.0, with_text=True)
LINE = {"text": "a line", "left": 1, "top": 2, "right": 3, "bottom": 4}
PAGE = {"width": 10, "height": 20, "has_layers": False, "image_bytes": 0.5, "lines": [LINE]}
IMAGE = DecodeImage("image/gif", 4, 3)


@pytest.mark.parametrize("asked", [CountPages("secret"), LOOK, DrawPage(2, 10, 20), IMAGE])
def test_a_request_arrives_as_it_was(asked):
    assert request_from(json.loads(json.dumps(request_values(asked, 1, 2.0)))) == asked


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (CountPages(), 7),
        (DrawPage(0, 10, 20), None),
        (LOOK, PageLook(10, 20, True, 0.5, (TextLine("a line", 1.0, 2.0, 3.0, 4.0),))),
        (IMAGE, DecodedImage(4, 3, Samples.GREY)),
    ],
)
def test_an_answer_arrives_as_it_was(asked, answer):
    assert answer_from(asked, json.dumps(answer_values(answer)).encode()) == answer


@pytest.mark.parametrize("error", [InvalidInput("page: is damaged"), Locked("document: is encrypted"), MemoryError()])
def test_an_error_arrives_as_it_was(error):
    with pytest.raises(type(error)) as raised:
        answer_from(LOOK, json.dumps(error_values(error)).encode())
    assert str(raised.value) == str(error)


def test_a_bug_arrives_with_its_traceback():
    with pytest.raises(Bug, match="Traceback"):
        answer_from(LOOK, json.dumps({"bug": "Traceback …"}).encode())


@pytest.mark.parametrize(
    ("asked", "values"),
    [
        (CountPages(), {"answer": -1}),
        (CountPages(), {"answer": True}),
        (CountPages(), {"answer": 1.5}),
        (CountPages(), {"answer": "7"}),
        (CountPages(), {}),
        (CountPages(), []),
        (CountPages(), 7),
        (LOOK, {"answer": {**PAGE, "width": 0}}),
        (LOOK, {"answer": {**PAGE, "height": None}}),
        (LOOK, {"answer": {**PAGE, "image_bytes": -1}}),
        (LOOK, {"answer": {**PAGE, "image_bytes": float("nan")}}),
        (LOOK, {"answer": {**PAGE, "image_bytes": float("inf")}}),
        (LOOK, {"answer": {**PAGE, "lines": [LINE] * 5001}}),
        (LOOK, {"answer": {**PAGE, "lines": [{**LINE, "text": "x" * 200_001}]}}),
        (LOOK, {"answer": {**PAGE, "lines": [{**LINE, "text": "\x1b[2J"}]}}),
        (LOOK, {"answer": {**PAGE, "lines": [{**LINE, "left": "1"}]}}),
        (LOOK, {"answer": {**PAGE, "lines": [{**LINE, "more": 1}]}}),
        (LOOK, {"answer": {**PAGE, "lines": 5}}),
        (LOOK, {"answer": [PAGE]}),
        (IMAGE, {"answer": {"width": 5, "height": 3, "samples": "grey"}}),
        (IMAGE, {"answer": {"width": 4, "height": 3, "samples": "huge"}}),
        (IMAGE, {"answer": None}),
        (LOOK, {"error": "SystemExit", "text": ""}),
        (LOOK, {"error": "InvalidInput", "text": "x" * 1000}),
        (LOOK, {"error": "InvalidInput", "text": "\x1b[2J"}),
        (LOOK, {"error": "InvalidInput", "text": 5}),
        (LOOK, {"error": ["InvalidInput"], "text": ""}),
    ],
)
def test_what_is_no_answer_to_the_question_is_none(asked, values):
    with pytest.raises(BadMessage):
        answer_from(asked, json.dumps(values).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_no_answer(data):
    with pytest.raises(BadMessage):
        answer_from(LOOK, data)
