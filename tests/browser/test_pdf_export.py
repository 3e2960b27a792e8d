"""What the page saves as PDF: pictures as they were, and text that is found where it stands."""

import io
import zipfile

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image

from tests.browser.acts import SHEET, answer, choose, file, saved_bytes, wait_until
from tests.support.files.pdfs import PdfPageSpec, pdf
from tests.support.rendering import columns, encoded
from tests.support.rendering import page as rendered

TEXTS = [("Total 25.90", (40, 40)), ("你好，世界 hello", (40, 120))]
PAGE = rendered(TEXTS, 500, 250)
POINTS = 72 / 200
"""A pixel."""
DOWNWARDS = encoded(columns([("春眠不觉晓", (300, 40)), ("处处闻啼鸟", (200, 40))], 400, 300, size=36))
BOOK = pdf([PdfPageSpec([("one", 40, 100)]), PdfPageSpec([("two words", 40, 60)])])


@pytest.fixture
def save(page):
    """What the page saves as PDF of all files: its name, and the documents."""
    documents = []

    def save(*files):
        choose(page, *files)
        wait_until(page, "done", page.locator("#list li").count())
        name, data = saved_bytes(page, "pdf", "all" if page.locator("#list li").count() > 1 else "file")
        found = [pdfium.PdfDocument(one) for one in (unpacked(data) if name.endswith(".zip") else [data])]
        documents.extend(found)
        return name, *found

    yield save
    for document in documents:
        document.close()


def unpacked(data):
    """The files of an archive, in its order."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    return [archive.read(name) for name in archive.namelist()]


def words_of(page):
    """What stands between spaces and line ends, with its box: left, top, right, bottom, in points from the top left."""
    text = page.get_textpage()
    height = page.get_height()
    found, word = [], None
    for place in range(text.count_chars()):
        character = text.get_text_range(place, 1)
        if not character.strip():
            word = None
            continue
        left, bottom, right, top = text.get_charbox(place)
        if word is None:
            found.append(word := ["", left, height - top, right, height - bottom])
        word[:] = (
            word[0] + character,
            *map(min, word[1:3], (left, height - top)),
            *map(max, word[3:], (right, height - bottom)),
        )
    text.close()
    return [(text, box) for text, *box in found]


def drawn(page, scale):
    return np.asarray(page.render(scale=scale).to_pil().convert("L"))


def ink(pixels):
    """Left, top, right and bottom of what is dark."""
    rows, columns = np.nonzero(pixels < 128)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_every_word_is_found_where_it_stands(save, server):
    name, document = save(file(encoded(PAGE), "receipt.png"))
    (page,) = document
    assert (name, page.get_size()) == ("receipt.pdf", pytest.approx((500 * POINTS, 250 * POINTS)))
    (result,) = answer(server, encoded(PAGE))["results"]
    words = words_of(page)
    assert [text for text, _ in words] == " ".join(result["text"]).split()
    pixels = drawn(page, 1 / POINTS)
    for text, box in words:
        left, top, right, bottom = (round(side / POINTS) for side in box)
        # The word's own ink, and none of its neighbours'.
        inside = ink(pixels[top:bottom, left:right])
        assert inside[2] - inside[0] > 0.6 * (right - left), text
        assert inside[3] - inside[1] > 0.3 * (bottom - top), text
    boxes = [box for _, box in words]
    for line in result["pages"][0]["lines"]:
        (x, y), (right, _), (_, bottom), _ = ((x * POINTS, y * POINTS) for x, y in line["polygon"])
        of_line = [box for box in boxes if y < (box[1] + box[3]) / 2 < bottom]
        assert min(box[0] for box in of_line) == pytest.approx(x, abs=1)
        assert max(box[2] for box in of_line) == pytest.approx(right, abs=1)


def test_the_picture_is_what_is_seen(save):
    _, document = save(file(encoded(PAGE), "receipt.png"))
    pixels = drawn(document[0], 1 / POINTS).astype(int)
    assert pixels.shape == PAGE.shape[:2]
    assert np.abs(pixels - PAGE[:, :, 0]).mean() < 3


def test_a_jpeg_is_taken_as_it_is_and_a_turned_one_upright(save):
    data = encoded(PAGE, ".jpg")
    turned = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(PAGE)).save(turned, "JPEG", exif=exif, quality=95)
    name, *documents = save(file(data, "a.jpg", "image/jpeg"), file(turned.getvalue(), "b.jpg", "image/jpeg"))
    pages = [page for document in documents for page in document]
    assert name == "edgeocr-pdf.zip"
    assert [page.get_size() for page in pages] == [pytest.approx((500 * POINTS, 250 * POINTS))] * 2
    (image,) = pages[0].get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_IMAGE])
    assert bytes(image.get_data(decode_simple=False)) == data
    first, second = (drawn(page, 1 / POINTS).astype(int) for page in pages)
    assert np.abs(first - second).mean() < 3
    assert [text for text, _ in words_of(pages[0])] == [text for text, _ in words_of(pages[1])]


def test_a_page_that_lies_on_its_side_is_saved_upright(save):
    sideways = np.rot90(rendered([(f"row {row} of the page", (40, 40 + 60 * row)) for row in range(4)], 500, 300))
    _, document = save(file(encoded(np.ascontiguousarray(sideways)), "side.png"))
    assert document[0].get_size() == pytest.approx((500 * POINTS, 300 * POINTS))
    assert [text for text, _ in words_of(document[0])][:2] == ["row", "0"]


def test_text_that_runs_downwards_is_found_where_it_stands(save):
    _, document = save(file(DOWNWARDS))
    found = sorted(words_of(document[0]), key=lambda word: -word[1][0])
    assert [text for text, _ in found] == ["春眠不觉晓", "处处闻啼鸟"]
    for (_, box), x in zip(found, (300, 200), strict=True):
        assert [side / POINTS for side in box] == pytest.approx([x, 45, x + 36, 240], abs=15)


def test_pages_of_a_pdf_keep_their_size_and_come_with_the_pictures_that_were_drawn(save):
    name, document = save(file(BOOK, "book.pdf", "application/pdf"))
    assert name == "book.pdf"
    assert [page.get_size() for page in document] == [pytest.approx((400, 200), abs=0.5)] * 2
    assert [[text for text, _ in words_of(page)] for page in document] == [["one"], ["two", "words"]]
    for page in document:
        words = [box for _, box in words_of(page)]
        left, _, right, _ = ink(drawn(page, 1))
        assert (left, right) == pytest.approx((words[0][0], words[-1][2]), abs=6)


def test_what_was_edited_is_what_is_found_and_each_file_is_one(page, save):
    choose(page, file(SHEET))
    wait_until(page, "done")
    page.locator("#lines textarea").first.fill("𠮷 (fixed)")
    page.locator("#lines textarea").nth(1).fill("")
    name, *documents = save(file(BOOK, "book.pdf", "application/pdf"), file(SHEET, "again.png"))
    assert (name, [len(document) for document in documents]) == ("edgeocr-pdf.zip", [1, 2, 1])
    text = documents[0][0].get_textpage()
    assert text.get_text_range().split() == ["𠮷", "(fixed)", "third", "line"]
    text.close()


def test_without_a_picture_there_is_nothing_to_save_and_the_page_says_so(page):
    page.click("#options summary")
    page.check("#text-layer")
    choose(page, file(BOOK, "book.pdf", "application/pdf"))
    wait_until(page, "done")
    page.select_option("#format", "pdf")
    page.click("#save")
    page.locator("#not-saved").get_by_text("A searchable PDF needs an image of each page.").wait_for()
