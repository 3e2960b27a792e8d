"""Markdown and tables: escaped, with paragraphs, rows and pages kept."""

import csv
import io
from xml.etree import ElementTree

import pytest

from edgeocr.client.printable import printable
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from edgeocr.tables import table_csv, table_html
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
    assert head == ["file", "page", "line", "confidence", "polygon", "text"]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("a,b.png", page, str(line)) for page in ("1", "3") for line in range(1, 5)
    ]
    assert rows[0][3:] == ["0.9000", "10.0,10.0 210.0,10.0 210.0,30.0 10.0,30.0", NASTY]


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
