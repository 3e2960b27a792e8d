"""Results as Markdown: paragraphs, and tables as GitHub has them, or as HTML where cells span rows or columns."""

import re
from typing import TextIO

from edgeocr.client.formats.blocks import Paragraph, paragraphs
from edgeocr.client.formats.writer import Settings, Writer
from edgeocr.client.streaming.results import ImageResult
from edgeocr.document import Table
from edgeocr.tables import cell_text, has_spans, table_html, table_rows

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$])")
_AT_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=](?=[-+=\s]|$)|\d+(?=[.)](?:\s|$)))")
"""What begins a heading, an item or a rule."""


class MarkdownWriter(Writer):
    """One document: a heading with the path where there are several images, and a rule between pages."""

    def __init__(self, output: TextIO, settings: Settings) -> None:
        self._output = output
        self._several = settings.several
        self._formulas = settings.formulas
        self._begun = False

    def write(self, result: ImageResult[str]) -> None:
        """Writes the pages; nothing for an error."""
        if result.document is None:
            return
        if self._several:
            self._write_block(f"# {_escaped(result.key)}")
        for number, page in enumerate(result.document.pages):
            if number:
                self._write_block("---")
            for paragraph in paragraphs(page):
                self._write_block(_block(paragraph, formulas=self._formulas))
        self._output.flush()

    def _write_block(self, block: str) -> None:
        self._output.write(("\n" if self._begun else "") + block + "\n")
        self._begun = True

    def finish(self) -> None:
        """Writes nothing."""


def _block(paragraph: Paragraph, *, formulas: bool) -> str:
    if (table := paragraph.table) is not None:
        return table_html(table, formulas=formulas) if has_spans(table) else _table(table, formulas=formulas)
    rows = (_escaped(" ".join(line.text for line in row)) for row in paragraph.rows)
    # Two spaces at a line's end keep the line.
    return "  \n".join(rows)


def _table(table: Table, *, formulas: bool) -> str:
    head, *body = (
        "| " + " | ".join(_cell(cell_text(text, formulas=formulas)) for text in row) + " |" for row in table_rows(table)
    )
    return "\n".join([head, "|" + " --- |" * table.columns, *body])


def _cell(text: str) -> str:
    return "<br>".join(map(_escaped, text.split("\n")))


def _escaped(text: str) -> str:
    """The text without any meaning to Markdown."""
    text = " ".join(text.split())
    marked = _AT_START.match(text)
    text = _SPECIAL.sub(r"\\\1", text)
    if marked is None:
        return text
    # A number is an item by the sign after it.
    place = marked.end() if marked[2][0].isdigit() else marked.start(2)
    return text[:place] + "\\" + text[place:]
