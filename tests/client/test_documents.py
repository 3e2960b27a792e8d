"""What a document can be turned into."""

import json

import pandas
import pytest

from edgeocr.errors import ReadingError
from edgeocr.results.document import Document, Page
from edgeocr.results.elements import Cell, Line, Table

SQUARE = ((1.0, 2.0), (30.0, 4.0), (29.0, 12.0), (0.5, 10.0))


class Damaged(ReadingError):
    code_name = "INVALID_ARGUMENT"


def line(text, row=0):
    return Line(SQUARE, text, 0.9, (), row=row)


TABLE = Table(SQUARE, 1, 1, (Cell(0, 0, 1, 1, SQUARE, (0,), "Milk"),))
DOCUMENT = Document(
    (
        Page(0, 40, 20, (line("Milk"), line("31.80", row=1)), tables=(TABLE,)),
        Page.failed(1, Damaged("image: is damaged")),
        Page(2, 40, 20, (line("end"),)),
    )
)


def test_json_takes_the_dictionary_of_a_document():
    found = json.loads(json.dumps(DOCUMENT.to_dict()))
    assert found["text"] == DOCUMENT.text
    assert [page["index"] for page in found["pages"]] == [0, 1, 2]
    assert [one["text"] for one in found["pages"][0]["lines"]] == ["Milk", "31.80"]
    assert found["pages"][0]["tables"][0]["cells"][0]["text"] == "Milk"
    assert found["pages"][1]["error"] == {"code": "INVALID_ARGUMENT", "message": "image: is damaged"}
    assert "error" not in found["pages"][2]


def test_a_data_frame_has_a_row_for_every_line():
    frame = DOCUMENT.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert frame[["page", "line", "row", "text"]].values.tolist() == [
        [1, 0, 0, "Milk"],
        [1, 1, 1, "31.80"],
        [3, 0, 0, "end"],
    ]
    assert frame.iloc[0][["left", "top", "right", "bottom"]].tolist() == [0.5, 2.0, 30.0, 12.0]


def test_a_data_frame_of_nothing_has_the_same_columns():
    frame = Document(()).to_dataframe()
    assert (len(frame), list(frame.columns)) == (0, list(DOCUMENT.to_dataframe().columns))


def test_tables_of_all_pages():
    assert DOCUMENT.tables == (TABLE,)


@pytest.mark.parametrize("name", ["pages", "timings", "message"])
def test_documents_do_not_change(name):
    with pytest.raises(AttributeError):
        setattr(DOCUMENT, name, None)
