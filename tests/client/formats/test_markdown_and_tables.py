"""Markdown and tables: escaped, with paragraphs, rows and pages kept."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from edgeocr.client.printable import printable
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.results.tables import table_csv, table_html
from tests.client.formats.answers import (
    CORNERS,
    NASTY,
    add_line,
    bad_page,
    failed,
    letter,
    made,
    read,
    with_table,
    written,
)


def test_markdown_keeps_paragraphs_rows_and_pages():
    assert written("markdown", read("a", letter(), letter())).split("\n\n---\n\n") == [
        "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`  \n第二行\n\nSum 12.50",
        "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`  \n第二行\n\nSum 12.50\n",
    ]


def test_markdown_has_a_heading_for_each_of_several_images():
    output = written("markdown", failed("bad"), read("a_b.png", letter()), read("c.png", bad_page()), several=True)
    assert [line for line in output.split("\n") if line.startswith("#")] == ["# a\\_b.png", "# c.png"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# one", "\\# one"),
        ("- one", "\\- one"),
        ("12. one", "12\\. one"),
        ("-5.00", "-5.00"),
        ("3.5", "3.5"),
        ("---", "\\---"),
    ],
)
def test_markdown_means_nothing_by_what_begins_a_line(text, expected):
    page = ocr_pb2.Page(width_pixels=100, height_pixels=100)
    add_line(page, text)
    assert written("markdown", read("a", page)) == expected + "\n"


def test_a_table_is_one_in_markdown_and_html_where_cells_span():
    plain = written("markdown", read("a", with_table(spans=False))).split("\n\n")
    escaped = "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`"
    assert plain[-1] == f"| {escaped} |  |\n| --- | --- |\n| one<br>two | 3 |\n"
    html = written("markdown", read("a", with_table(spans=True))).split("\n\n")[-1].strip()
    head, *body = ElementTree.fromstring(html)  # noqa: S314 (it is our own)
    assert [(cell.text, cell.get("colspan"), cell.get("rowspan")) for cell in head] == [(NASTY, "2", None)]
    assert [["".join(cell.itertext()) for cell in row] for row in body] == [["onetwo", "3"]]


def test_tables_are_html_and_csv_on_their_own():
    (table,) = made(with_table(spans=False)).tables
    assert list(csv.reader(io.StringIO(table_csv(table)))) == [[NASTY, ""], ["one\ntwo", "3"]]
    assert table_html(table).count("<td>") == 4


def test_csv_has_a_row_for_every_line():
    output = written("csv", read("a,b.png", letter(), bad_page(), letter()), failed("bad"))
    head, *rows = csv.reader(io.StringIO(output))
    assert head == ["file", "page", "line", "confidence", "min_confidence", "polygon", "text"]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("a,b.png", page, str(line)) for page in ("1", "3") for line in range(1, 5)
    ]
    assert rows[0][3:] == ["0.9000", "0.5000", "10.0,10.0 210.0,10.0 210.0,30.0 10.0,30.0", NASTY]


def test_markdown_has_headings_lists_captions_and_comments_of_blocks():
    page = ocr_pb2.Page(width_pixels=100, height_pixels=100)
    texts = ("7", "Title", "Run-", "ning text", "• one", "(a) two", "3) three", "Fig. 1: A pump")
    for row, text in enumerate(texts):
        add_line(page, text, row=row)
    kinds = [
        (ocr_pb2.BLOCK_KIND_PAGE_NUMBER, [0], "7 -->", 0),
        (ocr_pb2.BLOCK_KIND_HEADING, [1], "Title", 2),
        (ocr_pb2.BLOCK_KIND_PARAGRAPH, [2, 3], "Running text", 0),
        (ocr_pb2.BLOCK_KIND_LIST_ITEM, [4], "• one", 1),
        (ocr_pb2.BLOCK_KIND_LIST_ITEM, [5], "(a) two", 2),
        (ocr_pb2.BLOCK_KIND_LIST_ITEM, [6], "3) three", 1),
        (ocr_pb2.BLOCK_KIND_CAPTION, [7], "Fig. 1: A pump", 0),
    ]
    for kind, lines, text, level in kinds:
        page.blocks.add(kind=kind, lines=lines, text=text, level=level)
    assert written("markdown", read("a", page)) == (
        "<!-- page: 7 - -› -->\n\n## Title\n\nRunning text\n\n- one\n    - (a) two\n3. three\n\n*Fig. 1: A pump*\n"
    )


def test_tables_alone_are_csv_with_their_places():
    output = written("tables-csv", read("a.png", letter(), with_table(spans=False)), failed("bad"))
    rows = list(csv.reader(io.StringIO(output)))
    assert rows == [["a.png", "2", "1", NASTY, ""], ["a.png", "2", "1", "one\ntwo", "3"]]


def sheet_cells(data, number):
    """The cells of a sheet of a workbook, by their references: type and text."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314 (it is our own)
        texts = ["".join(item.itertext()) for item in shared]
        sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
    assert not list(sheet.iter(f"{space}f")), "no cell is a formula"
    cells = {}
    for cell in sheet.iter(f"{space}c"):
        if (value := cell.find(f"{space}v")) is not None:
            cells[cell.get("r")] = texts[int(value.text)] if cell.get("t") == "s" else float(value.text)
    return cells


def test_a_workbook_has_a_sheet_for_each_table():
    pytest.importorskip("xlsxwriter")
    data = written("xlsx", read("a.png", with_table(spans=True), with_table(spans=False)), failed("bad"))
    listed = sheet_cells(data, 1)
    assert [listed[place] for place in ("A2", "B2", "C2", "D2", "A3", "C3")] == [
        *("Table 1", "a.png", 1.0, "ruled", "Table 2", 2.0)
    ]
    assert sheet_cells(data, 2) == {"A1": NASTY, "A2": "one\ntwo", "B2": 3.0}


@pytest.mark.parametrize("formula", ["=1+1", "+1+2", "-1-2", "@SUM(A1)", "{=1}"])
def test_no_cell_of_a_workbook_is_a_formula(formula):
    pytest.importorskip("xlsxwriter")
    data = written("xlsx", read(formula, sums(formula)))
    assert sheet_cells(data, 1)["B2"] == formula
    assert sheet_cells(data, 2)["A1"] == formula


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,250.00", 1250.0), ("-5", -5.0), ("007", "007"), ("1.234,50", "1.234,50"), ("1" * 16, "1" * 16)],
)
def test_a_workbook_has_numbers_where_there_is_one_meaning(text, expected):
    pytest.importorskip("xlsxwriter")
    assert sheet_cells(written("xlsx", read("a.png", sums(text))), 2)["A1"] == expected


FORMULAS = ['=HYPERLINK("http://a.example","open")', "+1+2", "-5", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1+2"]


def sums(text):
    page = letter()
    del page.lines[:]
    add_line(page, text, row=0)
    table = page.tables.add(rows=1, columns=2, polygon=CORNERS)
    table.cells.add(row=0, column=0, row_span=1, column_span=1, polygon=CORNERS, text=text, lines=[0])
    table.cells.add(row=0, column=1, row_span=1, column_span=1, polygon=CORNERS, text="1 = 1")
    return page


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_a_spreadsheet_is_a_formula(text):
    _, row = csv.reader(io.StringIO(written("csv", read(text, sums(text))), newline=""))
    assert row[0] == row[-1] == printable(f"'{text}")
    ((first, second),) = csv.reader(io.StringIO(table_csv(made(sums(text)).tables[0]), newline=""))
    assert (first, second) == (f"'{text}", "1 = 1")
    assert written("markdown", read("a.png", sums(text))).startswith("| '")


@pytest.mark.parametrize("text", FORMULAS[:4])
def test_formulas_are_left_where_that_is_asked_for(text):
    _, row = csv.reader(io.StringIO(written("csv", read("a.png", sums(text)), formulas=True)))
    assert row[-1] == text
    ((first, _),) = csv.reader(io.StringIO(table_csv(made(sums(text)).tables[0], formulas=True)))
    assert first == text
    assert not written("markdown", read("a.png", sums(text)), formulas=True).startswith("| '")
