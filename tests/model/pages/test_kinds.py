"""Pages of the kinds that lose lines unnoticed: what is read of them, in which rows and order; a score for each."""

import unicodedata
from difflib import SequenceMatcher

import pytest

from edgeocr.model.files.document import open_document
from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.image import EncodedImage, PixelFormat, RawImage
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.results import PageRead
from edgeocr.model.timing import Trace
from tests.model.pages.file_kinds import FILE_KINDS
from tests.model.pages.kinds import KINDS

LEAST = 0.9


def squeezed(text):
    return "".join(unicodedata.normalize("NFKC", text).split())


def alike(line, row):
    """Whether at most about one character in ten differs."""
    return SequenceMatcher(None, line, row, autojunk=False).ratio() >= 0.94


def find(line, rows):
    return next((place for place, row in enumerate(rows) if alike(line, row)), None)


def source_of(page):
    """An image's pixels, or a file's first page."""
    if isinstance(page, bytes):
        document = open_document(EncodedImage(page), ALL_PAGES, Limits())
        return document.page(0, Mode.PAGE)[0] if document is not None else EncodedImage(page)
    height, width = page.shape[:2]
    return RawImage(page.tobytes(), PixelFormat.BGR24, width, height)


@pytest.mark.parametrize("kind", [*KINDS, *FILE_KINDS])
def test_all_lines_are_read_in_their_rows_and_order(reader, kind, record_property):
    page, expected = (KINDS | FILE_KINDS)[kind]()
    *_, last = reader.read(source_of(page), Mode.PAGE, Trace())
    assert isinstance(last, PageRead)
    rows = [squeezed(row) for row in last.page.text.splitlines() if row]
    wanted = [squeezed(line) for line in expected]
    places = [place for line in wanted for place in [find(line, rows)] if place is not None]
    score = 2 * len(places) / (len(wanted) + len(rows))
    record_property("score by kind of page", f"{kind} {score:.2f}")
    assert score >= LEAST, rows
    assert places == sorted(places)
