"""The text of a page for language models."""

import io
from typing import Literal

from edgeocr.client.formats import Settings
from edgeocr.client.formats.markdown import MarkdownWriter, table_markdown
from edgeocr.client.streaming.results import ImageRead
from edgeocr.results.document import Document, Page

Form = Literal["text", "markdown", "tables"]
"""Plain text in rows, Markdown by the page's structure, or tables only."""


def page_text(page: Page, form: Form) -> str:
    """The page's text under its number, or its error."""
    heading = f"Page {page.index + 1}"
    if page.error is not None:
        return f"{heading} could not be read: {page.error}"
    body = _body(page, form).strip()
    missing = "no tables found" if form == "tables" else "no text found"
    return f"{heading}:\n\n{body}" if body else f"{heading}: {missing}"


def _body(page: Page, form: Form) -> str:
    match form:
        case "text":
            return page.text
        case "tables":
            return "\n\n".join(table_markdown(table, formulas=True) for table in page.tables)
        case "markdown":
            output = io.StringIO()
            MarkdownWriter(output, Settings(formulas=True)).write(ImageRead("", Document((page,))))
            return output.getvalue()
