"""The plain text of a page: one line per row, tables with aligned columns."""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

from edgeocr.characters import is_wide
from edgeocr.results.elements import Line, Table

_COLUMN_GAP = 2
"""Spaces between a table's columns."""


def plain_text(lines: Sequence[Line], tables: Sequence[Table] = ()) -> str:
    """Lines in reading order as text: newlines between rows, spaces within one, blank lines between paragraphs.

    A table has a line for each row, with spaces that align its columns if wide characters take two cells.
    """
    if len(lines) == 1 and not tables:
        return lines[0].text
    begins = {
        min(places): table for table in tables if (places := [place for cell in table.cells for place in cell.lines])
    }
    inside = {place for table in tables for cell in table.cells for place in cell.lines}
    parts: list[str] = []
    for _, group in groupby(enumerate(lines), key=lambda item: item[1].paragraph):
        rows: list[str] = []
        for _, row in groupby(group, key=lambda item: (item[0] in inside, item[1].row)):
            pieces = list(row)
            rows += [aligned_text(begins[place]) for place, _ in pieces if place in begins]
            if loose := [line.text for place, line in pieces if place not in inside]:
                rows.append(" ".join(loose))
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def aligned_text(table: Table) -> str:
    """The rows of a table with text, with aligned columns; lines of a cell are separated by spaces."""
    widths = [0] * table.columns
    for cell in table.cells:
        if cell.column_span == 1:
            widths[cell.column] = max(widths[cell.column], _width(cell.text))
    starts = [0]
    for width in widths:
        starts.append(starts[-1] + (width + _COLUMN_GAP if width else 0))
    rows: list[list[str]] = [[] for _ in range(table.rows)]
    ends = [0] * table.rows
    for cell in table.cells:
        if not cell.text:
            continue
        text = " ".join(cell.text.split("\n"))
        # A cell that is wider than its columns moves those behind it.
        gap = max(starts[cell.column] - ends[cell.row], _COLUMN_GAP if ends[cell.row] else 0)
        rows[cell.row].append(" " * gap + text)
        ends[cell.row] += gap + _width(text)
    return "\n".join("".join(row) for row in rows if row)


def _width(text: str) -> int:
    """The width of a text in a monospaced font."""
    wide = sum(map(is_wide, text))
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)
