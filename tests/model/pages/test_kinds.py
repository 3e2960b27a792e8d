"""Pages of the kinds that lose lines unnoticed: what is read of them, in which rows and order; a score for each."""

import unicodedata
from difflib import SequenceMatcher

import pytest

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode
from edgeocr.model.results import PageRead
from edgeocr.model.timing import Trace
from tests.model.pages.kinds import KINDS

LEAST = 0.9


def squeezed(text):
    return "".join(unicodedata.normalize("NFKC", text).split())


def alike(line, row):
    """Whether at most about one character in ten differs."""
    return SequenceMatcher(None, line, row, autojunk=False).ratio() >= 0.95


def find(line, rows):
    return next((place for place, row in enumerate(rows) if alike(line, row)), None)


@pytest.mark.parametrize("kind", KINDS)
def test_all_lines_are_read_in_their_rows_and_order(reader, kind, record_property):
    pixels, expected = KINDS[kind]()
    height, width = pixels.shape[:2]
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, width, height)
    *_, last = reader.read(source, Mode.PAGE, Trace())
    assert isinstance(last, PageRead)
    rows = [squeezed(row) for row in last.page.text.splitlines() if row]
    wanted = [squeezed(line) for line in expected]
    places = [place for line in wanted for place in [find(line, rows)] if place is not None]
    score = 2 * len(places) / (len(wanted) + len(rows))
    record_property("score", score)
    print(f"{kind}: {score:.2f}")
    assert score >= LEAST, rows
    assert places == sorted(places)
