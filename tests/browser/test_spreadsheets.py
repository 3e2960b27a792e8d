"""Tables that are saved, opened in a spreadsheet: the same cells, and none of them a formula."""

import csv
import io

import pytest

from tests.browser.acts import SHEET, choose, fake_events, file, saved_bytes, wait_until
from tests.support.spreadsheet import opened

pytestmark = pytest.mark.timeout(600)

CELLS = [
    ["=1+1", "+1", "-1", "@SUM(A1)"],
    ["=HYPERLINK(\"http://a.example\")", "-2+3", "007", "12.50"],
    ["\uff1d1", "a, \"b\"", "<b>&amp;", "\u4e2d\u6587 1"],
    ["1e5", "3/4", "1,250.00", "TRUE"],
    ["cmd|' /C calc'!A0", "\t=1", "two\nlines", "400"],
]  # fmt: skip
DANGEROUS = ("=", "+", "-", "@", "\t", "\uff1d")


def line(text, place):
    corners = [[10, place * 20], [90, place * 20], [90, place * 20 + 15], [10, place * 20 + 15]]
    return {"text": text, "characters": [], "confidence": 1, "row": place // 4, "paragraph": 0, "polygon": corners}


@pytest.fixture
def answered(page):
    """A page that is a table of cells which spreadsheets are fond of changing, above a row of its own."""
    lines = [line(text, place) for place, text in enumerate(text for row in CELLS for text in row)]
    cells = [
        {"row": place // 4, "column": place % 4, "row_span": 1, "column_span": 1, "text": one["text"], "confidence": 1}
        | {"lines": [place], "polygon": one["polygon"]}
        for place, one in enumerate(lines)
    ]
    table = {"kind": "ruled", "confidence": 1, "rows": 5, "columns": 4, "polygon": [[0, 0]] * 4, "cells": cells}
    last = line("=below+the table", 24) | {"paragraph": 1}
    detected = {"index": 0, "width": 400, "height": 600, "text": "", "lines": [*lines, last], "tables": [table]}
    detected["blocks"] = [{"kind": "table", "lines": list(range(20)), "text": "", "table": 0}]
    events = fake_events(
        ("page", {"image": 0, "page": detected, "page_count": 1}),
        ("done", {"image": 0, "name": "a", "pages": [], "timings": {"total_seconds": 1}}),
    )
    page.route("**/api/ocr*", lambda route: route.fulfill(body=events, content_type="text/event-stream"))
    choose(page, file(SHEET))
    wait_until(page, "done")
    return page


def test_a_saved_workbook_opens_with_the_same_cells_and_no_formulas(answered, tmp_path):
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(saved_bytes(answered, "xlsx")[1])
    (sheet,), formulas = opened(path)
    assert formulas == []
    assert sheet == [*CELLS, ["=below+the table", "", "", ""]]


def test_a_saved_text_table_opens_without_formulas(answered, tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_bytes(saved_bytes(answered, "csv")[1])
    marked = [[f"'{text}" if text.startswith(DANGEROUS) else text for text in row] for row in CELLS]
    read = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    assert read == [*marked, ["'=below+the table"]]
    _, formulas = opened(path)
    assert formulas == []
