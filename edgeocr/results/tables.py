"""A table as HTML, as CSV, and as rows of texts."""

import csv
import io
from html import escape

from edgeocr.results.elements import Table

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters of cells that spreadsheets evaluate; the last four are full-width."""


def table_html(table: Table, *, formulas: bool = True) -> str:
    """The table as an HTML element, with its spans; lines of a cell are separated by <br/>.

    HTML has no formulas, but spreadsheets import tables from it: see `cell_text` for `formulas`.
    """
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    for cell in table.cells:
        spans = "".join(
            f' {name}="{count}"'
            for name, count in (("rowspan", cell.row_span), ("colspan", cell.column_span))
            if count > 1
        )
        text = "<br/>".join(escape(line) for line in cell_text(cell.text, formulas=formulas).split("\n"))
        rows[cell.row].append(f"<td{spans}>{text}</td>")
    return "<table>\n" + "".join(f"<tr>{''.join(row)}</tr>\n" for row in rows) + "</table>"


def table_rows(table: Table) -> list[list[str]]:
    """The texts by row and column; the text of a spanning cell is in its first field, the others are empty."""
    rows = [[""] * table.columns for _ in range(table.rows)]
    for cell in table.cells:
        rows[cell.row][cell.column] = cell.text
    return rows


def table_csv(table: Table, *, formulas: bool = False) -> str:
    """The texts of `table_rows` as CSV (RFC 4180); see `cell_text` for `formulas`."""
    output = io.StringIO()
    csv.writer(output).writerows([cell_text(text, formulas=formulas) for text in row] for row in table_rows(table))
    return output.getvalue()


def cell_text(text: str, *, formulas: bool = False) -> str:
    """The text of a cell, with an apostrophe that marks it as text if a spreadsheet would run it as a formula.

    With `formulas` it is unchanged, although any image can contain `=HYPERLINK(…)`.
    """
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) and not formulas else text


def has_spans(table: Table) -> bool:
    """Whether a cell spans several rows or columns."""
    return any(cell.row_span > 1 or cell.column_span > 1 for cell in table.cells)
