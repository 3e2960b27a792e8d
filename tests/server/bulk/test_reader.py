import pytest

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.model.files.document_options import TextLayer
from edgeocr.model.options import Mode
from edgeocr.server.bulk.reader import FileReader, Wanted
from tests.support.documents import damage_page, text_page, tiff
from tests.support.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page


def _texts(models, data, **wanted):
    return [read.text for read in FileReader(models, Wanted(**wanted)).read(data)]


def test_an_image_is_one_page(models):
    data = encoded(page([("First line", (60, 60)), ("第二行文字", (60, 160))]))

    assert _texts(models, data) == ["First line\n第二行文字"]


def test_an_image_may_be_one_line(models):
    assert _texts(models, encoded(line("Invoice 2026")), mode=Mode.LINE) == ["Invoice 2026"]


def test_every_page_of_a_document_is_read(models):
    texts = ["Page one", "Page two", "Page three"]

    assert _texts(models, tiff([text_page(text) for text in texts])) == texts
    assert _texts(models, pdf([PdfPageSpec([(text, 40, 90)]) for text in texts])) == texts


def test_text_that_a_page_holds_is_used_if_wanted(models):
    wanted = Wanted(text_layer=TextLayer.USE)
    (read,) = FileReader(models, wanted).read(pdf([PdfPageSpec([("Held text", 40, 90)])]))

    assert (read.text, read.is_embedded) == ("Held text", True)


def test_a_damaged_page_harms_no_other(models):
    data = damage_page(tiff([text_page(text) for text in ("Page one", "Page two", "Page three")]), 1)

    one, two, three = FileReader(models, Wanted()).read(data)

    assert (one.text, three.text) == ("Page one", "Page three")
    assert two.error is not None
    assert (two.index, two.error.code) == (1, Code.INVALID_ARGUMENT)


@pytest.mark.parametrize("data", [b"", b"no image", encoded(line("x"))[:40]])
def test_what_is_no_image_is_an_error(models, data):
    with pytest.raises(EdgeOcrError) as caught:
        list(FileReader(models, Wanted()).read(data))

    assert caught.value.code is Code.INVALID_ARGUMENT
