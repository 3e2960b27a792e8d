import gc
import os
import time

import cv2
import numpy as np
import pytest

from edgeocr.model.errors import InvalidInput, Locked, TooLarge
from edgeocr.model.files.document import open_document
from edgeocr.model.files.document_options import ALL_PAGES, DocumentOptions, TextLayer
from edgeocr.model.files.image import EncodedImage
from edgeocr.model.files.opening.decoder import LocalDecoder
from edgeocr.model.files.pdf import PdfDocument, draw
from edgeocr.model.limits import Limits
from edgeocr.model.options import Mode
from edgeocr.model.timing import Trace
from tests.support.files.pdfs import DAMAGED, PdfPageSpec, one_object_page, pdf
from tests.support.rendering import encoded, line, page

HELLO = PdfPageSpec([("Hello PDF", 40, 120), ("Second line", 40, 50)])
USED = DocumentOptions(text_layer=TextLayer.USE)


def document(data, options=ALL_PAGES, limits=None):
    found = open_document(EncodedImage(data), options, limits or Limits())
    assert isinstance(found, PdfDocument)
    return found


def drawn(data, index=0, reduction=1, **options):
    source, _ = document(data, DocumentOptions(**options)).page(index, Mode.PAGE)
    return draw(source, reduction)


def test_a_page_is_read_as_it_looks(reader):
    source, header = document(pdf([HELLO])).page(0, Mode.PAGE)
    assert (header.width, header.height) == (1112, 556)
    detected = reader.find(reader.decode(source, 1, Trace()), Mode.PAGE, Trace())
    read = [found.line for found in reader.lines(detected, Trace())]
    assert sorted(found.text.replace(" ", "") for found in read) == ["HelloPDF", "Secondline"]


def test_a_scan_looks_as_its_image():
    picture = page([("A scan", (100, 100))], 800, 400)
    pixels = drawn(pdf([PdfPageSpec(image=picture, width=288, height=144)])).pixels
    assert pixels.shape == picture.shape
    assert np.abs(pixels.astype(int) - picture).mean() < 3


@pytest.mark.parametrize(("dots", "size"), [(72, (400, 200)), (144, (800, 400)), (150, (834, 417))])
def test_the_resolution_decides_the_size(dots, size):
    picture = drawn(pdf([HELLO]), dots_per_inch=dots)
    assert (picture.width, picture.height) == size
    assert picture.pixels.shape == (size[1], size[0], 3)


def test_a_page_can_be_drawn_smaller_and_keeps_its_size():
    picture = drawn(pdf([HELLO]), reduction=4)
    assert picture.pixels.shape == (139, 278, 3)
    assert (picture.width, picture.height, picture.reduction) == (1112, 556, 4)


def test_a_rotated_page_is_drawn_as_it_is_displayed():
    upright, turned = (drawn(pdf([PdfPageSpec(HELLO.texts, rotation=angle)])).pixels for angle in (0, 90))
    assert turned.shape == (upright.shape[1], upright.shape[0], 3)
    back = cv2.rotate(turned, cv2.ROTATE_90_COUNTERCLOCKWISE)
    assert np.abs(back.astype(int) - upright).mean() < 2


def test_text_of_the_page_itself_is_used_only_on_request():
    data = pdf([HELLO, PdfPageSpec(image=page([("scan", (10, 10))]))])
    found = document(data, USED).page(0, Mode.PAGE)
    assert found.is_embedded
    assert found.text == "Hello PDF\nSecond line"
    assert (found.width, found.height) == (1112, 556)
    for options, index in ((ALL_PAGES, 0), (USED, 1)):
        source, _ = document(data, options).page(index, Mode.PAGE)
        assert (source.index, source.data) == (index, data)


@pytest.mark.parametrize("rotation", [0, 90, 180])
def test_boxes_of_embedded_text_lie_over_the_text_that_is_drawn(rotation):
    data = pdf([PdfPageSpec([("Hello PDF", 40, 120)], rotation=rotation)])
    (found,) = document(data, USED).page(0, Mode.PAGE).lines
    ys, xs = np.nonzero(drawn(data).pixels.min(2) < 128)
    left, right = min(x for x, _ in found.polygon), max(x for x, _ in found.polygon)
    top, bottom = min(y for _, y in found.polygon), max(y for _, y in found.polygon)
    assert left - 3 <= xs.min() <= xs.max() <= right + 3
    assert top - 3 <= ys.min() <= ys.max() <= bottom + 3
    assert (right - left) * (bottom - top) < 2.5 * np.ptp(xs) * np.ptp(ys)
    if rotation == 90:
        # The text runs downwards: its top left corner is the box's top right.
        assert found.polygon[0] == (right, top)


def test_an_encrypted_file_wants_its_password():
    data = pdf([HELLO], "secret")
    with pytest.raises(Locked, match=r"needs a password \(document\.password\)") as refusal:
        document(data).count()
    assert refusal.value.code == "FAILED_PRECONDITION"
    with pytest.raises(InvalidInput, match=r"document\.password: does not open the file"):
        document(data, DocumentOptions(password="wrong")).count()
    assert document(data, DocumentOptions(password="secret")).count() == 1
    assert drawn(data, password="secret").pixels.min() == 0
    assert "secret" not in repr(DocumentOptions(password="secret"))


def test_a_damaged_page_is_none_while_the_others_are():
    found = document(pdf([HELLO, DAMAGED, HELLO]))
    assert found.count() == 3
    with pytest.raises(InvalidInput, match="page: is damaged"):
        found.page(1, Mode.PAGE)
    found.page(2, Mode.PAGE)


def test_a_page_with_a_name_that_is_no_text_is_damaged():
    entries = b"/Type/XObject/Subtype/Image/Width 2/Height 2/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/\x9ename"
    with pytest.raises(InvalidInput, match="page: is damaged"):
        document(one_object_page(entries, b"abcd")).page(0, Mode.PAGE)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_file_that_was_cut_off_is_refused(share):
    data = pdf([HELLO])
    with pytest.raises(InvalidInput, match="PDF file is damaged or truncated"):
        document(data[: int(len(data) * share)]).count()


def test_a_file_that_lost_its_table_is_read_all_the_same():
    assert document(pdf([HELLO, HELLO]).replace(b"startxref", b"startnone")).count() == 2


def test_something_may_come_before_the_mark_unless_it_is_an_image():
    assert document(b"sent by mail\r\n" + pdf([HELLO])).count() == 1
    assert open_document(EncodedImage(encoded(line("x"), ".jpg") + pdf([HELLO])), ALL_PAGES, Limits()) is None


def test_a_page_with_more_pixels_than_allowed_is_refused_with_the_limit():
    found = document(pdf([HELLO]), limits=Limits(image_pixels=600_000))
    with pytest.raises(TooLarge, match=r"1112×556 pixels, the limit is 600000 \(image_pixels\)"):
        found.page(0, Mode.PAGE)


def test_images_of_a_page_are_accounted_for():
    bare, scan = pdf([PdfPageSpec()]), pdf([PdfPageSpec(image=page([], 1600, 1200))])
    _, without = document(bare).page(0, Mode.PAGE)
    _, with_image = document(scan).page(0, Mode.PAGE)
    assert without.source_pixel_bytes == 0
    assert with_image.source_pixel_bytes * with_image.width * with_image.height == 1600 * 1200 * 3 * 1.25


def test_drawing_ends_when_nobody_waits_any_more(monkeypatch):
    clock = iter(range(1_000_000))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    busy = pdf([PdfPageSpec([("text", 10, 10 + place % 180) for place in range(2000)])])
    source, _ = document(busy).page(0, Mode.PAGE)

    def check():
        raise TimeoutError

    with pytest.raises(TimeoutError):
        draw(source, 1, LocalDecoder(check))


def test_nothing_stays_open():
    data = pdf([HELLO, DAMAGED])
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        drawn(data)
        with pytest.raises(InvalidInput):
            document(data).page(1, Mode.PAGE)
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) == before
