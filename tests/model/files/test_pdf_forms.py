"""What was typed, chosen and ticked in a PDF form is part of how its page looks."""

import pytest

from edgeocr.model.errors import InvalidInput, Locked
from edgeocr.model.files.document import open_document
from edgeocr.model.files.document_options import ALL_PAGES
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.files.pdf import draw
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.timing import Trace
from tests.support.files.pdfs import PdfPageSpec, file_of, pdf, stream_of

BOX = 20, 100, 300, 130
TEXT = b"/FT/Tx/V(Filled in)/DA(/F 20 Tf 0 g)"
CHOICE = b"/FT/Ch/Ff 131072/Opt[(Red)(Green)]/V(Green)/DA(/F 20 Tf 0 g)"
TICK = b"/FT/Btn/V/On/AS/On/AP<</N<</On 7 0 R>>>>"
SIGNATURE = b"/FT/Sig/AP<</N 7 0 R>>"


def form(field, rotation=0):
    """A page with one field."""
    left, bottom, right, top = BOX
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DR<</Font<</F 3 0 R>>>>/NeedAppearances true>>>>",
        2: b"<</Type/Pages/Count 1/Kids[4 0 R]>>",
        3: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        4: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 200]/Rotate %d/Contents 5 0 R/Annots[6 0 R]"
        b"/Resources<</Font<</F 3 0 R>>>>>>" % rotation,
        5: stream_of(b"", b"BT /F 20 Tf 20 160 Td (Label) Tj ET"),
        6: b"<</Type/Annot/Subtype/Widget/T(field)/P 4 0 R/F 4/Rect[%d %d %d %d]%s>>"
        % (left, bottom, right, top, field),
        7: stream_of(
            b"/Type/XObject/Subtype/Form/BBox[0 0 280 30]/Resources<<>>", b"4 w 2 2 m 40 28 l 2 28 m 40 2 l S"
        ),
    }
    return file_of(objects, b"/Root 1 0 R")


def drawn(data):
    source, _ = open_document(EncodedImage(data), ALL_PAGES, Limits()).page(0, Mode.PAGE)
    return draw(source, 1)


@pytest.mark.parametrize("field", [TEXT, CHOICE, TICK, SIGNATURE], ids=["text", "choice", "tick", "signature"])
def test_what_a_field_holds_is_drawn(field):
    pixels = drawn(form(field)).pixels
    scale = pixels.shape[0] / 200
    inside = pixels[round(70 * scale) : round(100 * scale), round(22 * scale) : round(298 * scale)]
    assert (inside < 100).any()


@pytest.mark.parametrize("rotation", [0, 90])
def test_values_are_read_next_to_their_labels(reader, rotation):
    picture = drawn(form(TEXT, rotation))
    detected = reader.find(picture, Mode.PAGE, Trace())
    read = [found.line for found in reader.lines(detected, Trace())]
    assert {found.text for found in read} == {"Label", "Filled in"}


def test_fields_leave_the_page_white_around_them():
    assert (drawn(form(TEXT)).pixels[-50:] == 255).all()


@pytest.mark.parametrize("before", [None, "locked", "damaged"])
def test_a_document_without_pages_says_so_whatever_was_opened_before(before):
    if before == "locked":
        with pytest.raises(Locked):
            open_document(EncodedImage(pdf([PdfPageSpec()], "secret")), ALL_PAGES, Limits()).count()
    if before == "damaged":
        with pytest.raises(InvalidInput, match="damaged"):
            open_document(EncodedImage(b"%PDF-1.4\nnothing"), ALL_PAGES, Limits()).count()
    with pytest.raises(InvalidInput, match="the document has no pages"):
        open_document(EncodedImage(pdf([])), ALL_PAGES, Limits()).count()
