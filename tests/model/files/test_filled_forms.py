"""Every value of a filled form is read, whichever program filled it in and however its page lies."""

import pytest

from edgeocr.model.files.document import open_document
from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.timing import Trace
from tests.support.files.forms import FORMS


def rows(reader, data):
    """What is read, row by row, without spaces: the characters of some fields are far apart."""
    source, _ = open_document(EncodedImage(data), ALL_PAGES, Limits()).page(0, Mode.PAGE)
    *_, last = reader.read(source, Mode.PAGE, Trace())
    return [squeezed(row) for row in last.page.text.splitlines() if row]


def squeezed(text):
    return text.replace(" ", "")


@pytest.mark.parametrize("kind", FORMS)
def test_all_values_are_read(reader, kind):
    form = FORMS[kind]
    found = rows(reader, form.pdf())
    print(f"{kind}: {found}")
    assert sorted(found) == sorted(map(squeezed, ["Form label", *form.widget.reads]))
