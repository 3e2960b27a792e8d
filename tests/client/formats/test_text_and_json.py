"""Plain text and JSON."""

import io
import json

import pytest
from google.rpc import status_pb2

from edgeocr.client.formats import Settings, writer_of
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import failed, read, written

LINE = {
    "text": "中文 text",
    "confidence": 0.9123,
    "min_confidence": 0.6543,
    "polygon": [[0.0, 0.0], [20.1, 0.0], [20.1, 10.0], [0.0, 10.0]],
    "row": 0,
    "paragraph": 0,
}


def page(*texts, characters=False):
    corners = [ocr_pb2.Point(x=x, y=y) for x, y in ((0.04, 0), (20.06, 0), (20.06, 10), (0, 10))]
    lines = [
        ocr_pb2.Line(text=text, confidence=0.912345, min_confidence=0.65432, polygon=corners, row=row)
        for row, text in enumerate(texts)
    ]
    if characters:
        lines[0].characters.add(text="中", confidence=0.98761, start=0.111111, end=0.25)
    return ocr_pb2.Page(width_pixels=20, height_pixels=10, lines=lines, text="\n".join(texts))


def test_text_of_one_image_is_its_text():
    assert written("text", read("a.png", page("one", "two"))) == "one\ntwo\n"


def test_texts_of_several_pages_are_under_their_numbers_from_1():
    pages = read("a.pdf", page("one", "two"), page(), page("three"))
    assert written("text", pages) == (
        "==> a.pdf, page 1 <==\none\ntwo\n\n==> a.pdf, page 2 <==\n\n==> a.pdf, page 3 <==\nthree\n"
    )


def test_text_of_several_images_has_headings_and_no_errors():
    output = written(
        "text", failed("bad"), read("a", page("one")), read("b", page()), read("c", page("two")), several=True
    )
    assert output == "==> a <==\none\n\n==> b <==\n\n==> c <==\ntwo\n"


def test_jsonl_is_one_object_a_line_in_utf_8():
    first, second = written("jsonl", read("a.png", page("中文 text")), failed("bad")).splitlines()
    expected = {"index": 0, "width": 20, "height": 10, "text": "中文 text", "lines": [LINE], "blocks": []}
    assert json.loads(first) == {"path": "a.png", "pages": [expected]}
    assert json.loads(second) == {"path": "bad", "error": {"code": "INVALID_ARGUMENT", "message": "image: is empty"}}
    assert "中文" in first


def test_json_says_of_lines_that_they_run_downwards():
    column = page("中文")
    column.lines[0].direction = ocr_pb2.DIRECTION_VERTICAL
    (line,) = json.loads(written("jsonl", read("a.png", column)))["pages"][0]["lines"]
    assert line == {**LINE, "text": "中文", "direction": "vertical"}


def test_jsonl_leaves_line_by_line():
    class Output(io.StringIO):
        flushed = 0

        def flush(self):
            self.flushed += 1

    output = Output()
    writer = writer_of("jsonl")(output, Settings(several=True))
    for count in (1, 2):
        writer.write(read("a", page("one")))
        assert output.flushed == count


def test_a_page_that_is_partial_or_reduced_says_so():
    reduced = page("b")
    reduced.partial, reduced.reduction = True, 4
    (written_result,) = json.loads(written("json", read("a", page("a"), reduced)))
    whole, part = written_result["pages"]
    assert "partial" not in whole
    assert "reduction" not in whole
    assert (part["partial"], part["reduction"]) == (True, 4)


def test_a_page_says_how_it_lay_and_what_was_done_for_it():
    turned = page("b")
    turned.rotation_degrees = -90.26
    turned.enhancements.extend([ocr_pb2.ENHANCEMENT_CONTRAST, 99])
    (result,) = json.loads(written("json", read("a", page("a"), turned)))
    upright, turned = result["pages"]
    assert not {"rotation_degrees", "enhancements"} & set(upright)
    assert (turned["rotation_degrees"], turned["enhancements"]) == (-90.3, ["contrast"])


def test_characters_are_written_where_the_line_has_them():
    (result,) = json.loads(written("json", read("a", page("中", characters=True))))
    assert result["pages"][0]["lines"][0]["characters"] == [
        {"text": "中", "confidence": 0.9876, "start": 0.1111, "end": 0.25}
    ]


def test_a_page_that_failed_has_its_error():
    bad_page = page()
    bad_page.error.CopyFrom(status_pb2.Status(code=3, message="page: no"))
    (result,) = json.loads(written("json", read("a", page("one"), bad_page)))
    assert result["pages"][1]["error"] == {"code": "INVALID_ARGUMENT", "message": "page: no"}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_a_list_of_the_same_objects(count):
    results = [read("a", page("one")) for _ in range(count)]
    assert json.loads(written("json", *results)) == [
        json.loads(line) for line in written("jsonl", *results).split("\n")[:-1]
    ]
