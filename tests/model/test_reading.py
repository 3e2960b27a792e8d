import io

import numpy as np
import pytest
from PIL import Image

from edgeocr.model.errors import Code, EdgeOcrError
from edgeocr.model.files.document_options import DocumentOptions, PageRange, TextLayer
from edgeocr.model.files.image import PixelFormat
from edgeocr.model.options import Mode, ReadOptions
from edgeocr.model.reading import TextReader, _image
from tests.support.files.documents import damage_page, text_page, tiff
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import encoded, line, page


def _texts(models, source, **options):
    return [read.text for read in TextReader(models).read(source, ReadOptions(**options))]


def test_an_image_is_one_page(models):
    data = encoded(page([("First line", (60, 60)), ("第二行文字", (60, 160))]))

    assert _texts(models, data) == ["First line\n第二行文字"]


def test_an_image_may_be_one_line(models):
    assert _texts(models, encoded(line("Invoice 2026")), mode=Mode.LINE) == ["Invoice 2026"]


def test_every_page_of_a_document_is_read(models):
    texts = ["Page one", "Page two", "Page three"]

    assert _texts(models, tiff([text_page(text) for text in texts])) == texts
    assert _texts(models, pdf([PdfPageSpec([(text, 40, 90)]) for text in texts])) == texts


def test_text_that_a_page_contains_is_used_on_request(models):
    options = ReadOptions(document=DocumentOptions(text_layer=TextLayer.USE))
    (read,) = TextReader(models).read(pdf([PdfPageSpec([("Held text", 40, 90)])]), options)

    assert (read.text, read.is_embedded) == ("Held text", True)


def test_a_damaged_page_harms_no_other(models):
    data = damage_page(tiff([text_page(text) for text in ("Page one", "Page two", "Page three")]), 1)

    one, two, three = TextReader(models).read(data)

    assert (one.text, three.text) == ("Page one", "Page three")
    assert two.error is not None
    assert (two.index, two.error.code) == (1, Code.INVALID_ARGUMENT)


@pytest.mark.parametrize("data", [b"", b"no image", encoded(line("x"))[:40]])
def test_what_is_no_image_is_an_error(models, data):
    with pytest.raises(EdgeOcrError) as caught:
        list(TextReader(models).read(data))

    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_file_is_read_by_its_path(models, tmp_path):
    path = tmp_path / "page.png"
    path.write_bytes(encoded(page([("By its path", (60, 60))])))

    assert _texts(models, path) == _texts(models, str(path)) == ["By its path"]
    with pytest.raises(FileNotFoundError):
        _texts(models, tmp_path / "none.png")


def test_pixels_are_read_as_they_are_whatever_their_strides(models):
    pixels = page([("Pixels here", (60, 60))])
    wide = np.full((pixels.shape[0], 2 * pixels.shape[1], 3), 255, np.uint8)
    wide[:, ::2] = pixels

    assert _texts(models, pixels) == _texts(models, wide[:, ::2]) == ["Pixels here"]
    assert _texts(models, pixels[:, :, 1]) == ["Pixels here"]


@pytest.mark.parametrize(
    ("source", "error", "text"),
    [
        (1, TypeError, "a source must be bytes, a path, .* or a numpy array, got int"),
        (np.zeros((4, 4), np.float32), TypeError, "pixels must be uint8, got float32"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, "pixels must be H×W, .*, got 4×4×2"),
        (np.zeros(4, np.uint8), ValueError, "pixels must be H×W, .*, got 4"),
    ],
)
def test_what_is_no_source_is_refused(models, source, error, text):
    with pytest.raises(error, match=text):
        _texts(models, source)


def test_pages_that_are_asked_for_are_read(models):
    data = tiff([text_page(text) for text in ("Page one", "Page two", "Page three")])
    options = ReadOptions(document=DocumentOptions(ranges=(PageRange(1, 1),)))

    (read,) = TextReader(models).read(data, options)

    assert (read.index, read.text) == (1, "Page two")


def test_open_files_pillows_images_and_every_kind_of_pixels_read_alike(models):
    data = encoded(page([("First line", (60, 60))]))
    image = Image.open(io.BytesIO(data)).convert("RGB")
    pixels, clear = np.asarray(image), np.asarray(image.convert("RGBA"))
    grey = np.asarray(image.convert("L"))
    reader = TextReader(models)

    sources = (io.BytesIO(data), image, image.convert("RGBA"), grey[..., None], pixels[..., ::-1])
    assert [page.text for source in sources for page in reader.read(source)] == ["First line"] * len(sources)
    for source in (pixels, clear):
        assert [page.text for page in reader.read(source, channel_order="RGB")] == ["First line"]


def test_transparency_is_shown_on_white_in_the_order_of_the_channels(models):
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0] = (255, 0, 0, 255)
    image = _image(pixels, "RGB")
    assert (image.format, image.data) == (PixelFormat.RGB24, bytes([255, 0, 0] * 2 + [255] * 6))
    assert _image(pixels, "BGR").format is PixelFormat.BGR24


def test_a_url_is_not_fetched_unasked(models):
    with pytest.raises(ValueError, match="fetches it"):
        next(TextReader(models).read("https://ocr.example/scan.png"))
