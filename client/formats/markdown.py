"""Results as Markdown: headings, paragraphs with their lines joined, lists, and tables.

Tables are GitHub tables, or HTML if cells span rows or columns. Headers, footers and page numbers become comments.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from edgeocr.characters import BULLETS, DASHES
from edgeocr.client.formats.blocks import paragraphs
from edgeocr.client.formats.writer import DocumentWriter
from edgeocr.results.document import Block, BlockKind, Document, Page, Table
from edgeocr.results.tables import cell_text, has_spans, table_html, table_rows

_SPECIAL = re.compile(r"([\\`*_\[\]<>&|~$])")
_AT_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=](?=[-+=\s]|$)|\d+(?=[.)](?:\s|$)))")
"""Matches the beginning of a heading, a list item or a rule."""
_BULLET = re.compile(rf"[{BULLETS}]\s*|[{DASHES}]\s+")
_NUMBER = re.compile(r"(\d{1,9})[.．)）、]\s*")
_MOST_LEVEL = 6
_MARGINS = {BlockKind.HEADER: "header", BlockKind.FOOTER: "footer", BlockKind.PAGE_NUMBER: "page"}


class MarkdownWriter(DocumentWriter):
    """Writes one document, with the path of each image as a heading if there are several, and a rule between pages."""

    suffix: ClassVar[str] = ".md"
    _begun = _in_list = False

    def _write_document(self, path: str, document: Document) -> None:
        if self._settings.several:
            self._write_block(f"# {_escaped(path)}")
        for number, page in enumerate(document.pages):
            if number:
                self._write_block("---")
            for block in page.blocks or _plain_blocks(page):
                text = self._text(block, page)
                self._write_block(text, is_item=block.kind is BlockKind.LIST_ITEM)
        self._output.flush()

    def _write_block(self, block: str, *, is_item: bool = False) -> None:
        # With blank lines between them, list items would become paragraphs.
        is_next_item = is_item and self._in_list
        self._output.write(("\n" if self._begun and not is_next_item else "") + block + "\n")
        self._begun, self._in_list = True, is_item

    def _text(self, block: Block, page: Page) -> str:
        rows = [_escaped(row) for row in block.text.split("\n")]
        match block.kind:
            case BlockKind.TABLE if block.table is not None:
                return table_markdown(page.tables[block.table], formulas=self._settings.formulas)
            case BlockKind.HEADING:
                level = min(_MOST_LEVEL, max(1, block.level) + self._settings.several)
                return f"{'#' * level} {' '.join(rows)}"
            case BlockKind.LIST_ITEM:
                return _item(block)
            case BlockKind.CAPTION:
                return f"*{' '.join(rows)}*"
            case BlockKind.HEADER | BlockKind.FOOTER | BlockKind.PAGE_NUMBER:
                text = " ".join(block.text.split()).replace("--", "- -").replace(">", "›")
                return f"<!-- {_MARGINS[block.kind]}: {text} -->"
            case _:
                # Two spaces at the end make a line break.
                return "  \n".join(rows)


def _plain_blocks(page: Page) -> Iterator[Block]:
    """Paragraphs with their rows, for servers that report no blocks."""
    for paragraph in paragraphs(page):
        if paragraph.table is not None:
            yield Block(BlockKind.TABLE, (), "", table=page.tables.index(paragraph.table))
        else:
            text = "\n".join(" ".join(line.text for line in row) for row in paragraph.rows)
            yield Block(BlockKind.PARAGRAPH, (), text)


def _item(block: Block) -> str:
    """A list item, indented by its depth; markers that Markdown does not know stay in its text."""
    text = " ".join(block.text.split("\n"))
    marker = "-"
    if bullet := _BULLET.match(text):
        text = text[bullet.end() :]
    elif number := _NUMBER.match(text):
        marker, text = f"{number[1]}.", text[number.end() :]
    return f"{'    ' * max(0, block.level - 1)}{marker} {_escaped(text)}"


def table_markdown(table: Table, *, formulas: bool) -> str:
    """A GitHub table, or HTML if cells span rows or columns."""
    if has_spans(table):
        return table_html(table, formulas=formulas)
    head, *body = (
        "| " + " | ".join(_cell(cell_text(text, formulas=formulas)) for text in row) + " |" for row in table_rows(table)
    )
    return "\n".join([head, "|" + " --- |" * table.columns, *body])


def _cell(text: str) -> str:
    return "<br>".join(map(_escaped, text.split("\n")))


def _escaped(text: str) -> str:
    """The text with Markdown's special characters escaped."""
    text = " ".join(text.split())
    marked = _AT_START.match(text)
    text = _SPECIAL.sub(r"\\\1", text)
    if marked is None:
        return text
    # A number begins a list item by the sign after it.
    place = marked.end() if marked[2][0].isdigit() else marked.start(2)
    return text[:place] + "\\" + text[place:]
