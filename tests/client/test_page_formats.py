"""Forms of output that show how a page is made up: well-formed, escaped, and with every page in its place."""

import csv
import ctypes
import io
import re
from xml.etree import ElementTree

import cv2
import grpc
import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
import pytest

from edgeocr.client import ImageResult, OcrError
from edgeocr.client.formats import WRITERS
from edgeocr.client.tables import table_csv, table_html
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.pdfs import PdfPageSpec, pdf
from tests.rendering import encoded
from tests.rendering import page as rendered

NASTY = "a <b> & \"c\" 'd' |e| *f* ]]> `g`"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def add_line(page, text, left=10, top=10, width=200, height=20, row=0, paragraph=0, confidence=0.9):
    line = page.lines.add(text=text, confidence=confidence, row=row, paragraph=paragraph)
    for x, y in ((left, top), (left + width, top), (left + width, top + height), (left, top + height)):
        line.polygon.add(x=x, y=y)
    return line


def letter():
    """Two paragraphs; the second has a label and a price."""
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    add_line(page, NASTY)
    add_line(page, "第二行", top=40, row=1)
    add_line(page, "Sum", top=120, width=60, row=2, paragraph=1)
    add_line(page, "12.50", left=500, top=120, width=80, row=2, paragraph=1)
    return page


def with_table(*, spans):
    page = letter()
    table = page.tables.add(rows=2, columns=2)
    if spans:
        table.cells.add(row=0, column=0, row_span=1, column_span=2, text=NASTY, lines=[4])
    else:
        table.cells.add(row=0, column=0, row_span=1, column_span=1, text=NASTY, lines=[4])
        table.cells.add(row=0, column=1, row_span=1, column_span=1)
    table.cells.add(row=1, column=0, row_span=1, column_span=1, text="one\ntwo", lines=[5, 6])
    table.cells.add(row=1, column=1, row_span=1, column_span=1, text="3", lines=[7])
    for number, text in enumerate((NASTY, "one", "two", "3")):
        add_line(page, text, top=200 + 30 * number, row=3 + bool(number), paragraph=2)
    return page


def parsed(data):
    return ElementTree.fromstring(data)  # noqa: S314 (it is our own)


def read(key, *pages):
    for index, page in enumerate(pages):
        page.index = index
    return ImageResult(key, ocr_pb2.Document(pages=pages), None, ocr_pb2.Timings())


def failed(key):
    return ImageResult.from_error(key, OcrError(grpc.StatusCode.INVALID_ARGUMENT, "image: is empty"))


def bad_page():
    page = ocr_pb2.Page()
    page.error.code, page.error.message = 3, "page: no"
    return page


def written(name, *results, several=False):
    output = io.BytesIO() if WRITERS[name].is_binary else io.StringIO()
    writer = WRITERS[name](output, several=several)
    for result in results:
        writer.write(result)
    writer.finish()
    return output.getvalue()


def test_markdown_keeps_paragraphs_rows_and_pages():
    assert written("markdown", read("a", letter(), letter())).split("\n\n---\n\n") == [
        "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`  \n第二行\n\nSum 12.50",
        "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`  \n第二行\n\nSum 12.50\n",
    ]


def test_markdown_has_a_heading_for_each_of_several_images():
    output = written("markdown", failed("bad"), read("a_b.png", letter()), read("c.png", bad_page()), several=True)
    assert [line for line in output.split("\n") if line.startswith("#")] == ["# a\\_b.png", "# c.png"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# one", "\\# one"),
        ("- one", "\\- one"),
        ("12. one", "12\\. one"),
        ("-5.00", "-5.00"),
        ("3.5", "3.5"),
        ("---", "\\---"),
    ],
)
def test_markdown_means_nothing_by_what_begins_a_line(text, expected):
    page = ocr_pb2.Page(width_pixels=100, height_pixels=100)
    add_line(page, text)
    assert written("markdown", read("a", page)) == expected + "\n"


def test_a_table_is_one_in_markdown_and_html_where_cells_span():
    plain = written("markdown", read("a", with_table(spans=False))).split("\n\n")
    escaped = "a \\<b\\> \\& \"c\" 'd' \\|e\\| \\*f\\* \\]\\]\\> \\`g\\`"
    assert plain[-1] == f"| {escaped} |  |\n| --- | --- |\n| one<br>two | 3 |\n"
    html = written("markdown", read("a", with_table(spans=True))).split("\n\n")[-1].strip()
    head, *body = parsed(html)
    assert [(cell.text, cell.get("colspan"), cell.get("rowspan")) for cell in head] == [(NASTY, "2", None)]
    assert [["".join(cell.itertext()) for cell in row] for row in body] == [["onetwo", "3"]]


def test_tables_are_html_and_csv_on_their_own():
    (table,) = with_table(spans=False).tables
    assert list(csv.reader(io.StringIO(table_csv(table)))) == [[NASTY, ""], ["one\ntwo", "3"]]
    assert table_html(table).count("<td>") == 4


def test_csv_has_a_row_for_every_line():
    output = written("csv", read("a,b.png", letter(), bad_page(), letter()), failed("bad"))
    head, *rows = csv.reader(io.StringIO(output))
    assert head == ["file", "page", "line", "confidence", "polygon", "text"]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("a,b.png", page, str(line)) for page in ("1", "3") for line in range(1, 5)
    ]
    assert rows[0][3:] == ["0.9000", "10.0,10.0 210.0,10.0 210.0,30.0 10.0,30.0", NASTY]


def properties(element):
    """hOCR's properties, by name."""
    return dict(part.strip().split(" ", 1) for part in element.get("title").split(";"))


def test_hocr_has_what_its_specification_asks_for():
    root = parsed(written("hocr", read('a";<.png', letter(), bad_page(), letter()), failed("bad")))
    names = {meta.get("name"): meta.get("content") for meta in root.iter(f"{XHTML}meta")}
    assert names["ocr-system"].startswith("edgeocr ")
    used = {element.get("class") for element in root.iter() if element.get("class")}
    assert used == set(names["ocr-capabilities"].split())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    pages = [element for element in root.iter() if element.get("class") == "ocr_page"]
    assert [properties(page)["ppageno"] for page in pages] == ["0", "1"]
    assert [properties(page)["x_source_page"] for page in pages] == ["1", "3"]
    assert properties(pages[0])["bbox"] == "0 0 800 600"
    assert properties(pages[0])["image"] == '"a%22%3B<.png"'


def test_hocr_boxes_lie_within_each_other_and_texts_are_whole():
    root = parsed(written("hocr", read("a.png", letter())))

    def boxes(name):
        for element in root.iter():
            if element.get("class") == name:
                yield element, tuple(map(int, properties(element)["bbox"].split()))

    for outer, (left, top, right, bottom) in [*boxes("ocr_par"), *boxes("ocr_line")]:
        for inner in list(outer):
            box = tuple(map(int, properties(inner)["bbox"].split()))
            assert left <= box[0] < box[2] <= right
            assert top <= box[1] < box[3] <= bottom
    assert ["".join(line.itertext()) for line, _ in boxes("ocr_line")] == [NASTY, "第二行", "Sum", "12.50"]
    assert [len(list(paragraph)) for paragraph, _ in boxes("ocr_par")] == [2, 2]
    words = [properties(word)["x_wconf"] for word, _ in boxes("ocrx_word")]
    assert set(words) == {"90"}


def test_words_are_where_their_characters_are():
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    line = add_line(page, "ab c")
    for text, start, end, confidence in (
        ("a", 0.0, 0.1, 0.9),
        ("b", 0.1, 0.2, 0.7),
        (" ", 0.2, 0.9, 1),
        ("c", 0.9, 1, 0.5),
    ):
        line.characters.add(text=text, start=start, end=end, confidence=confidence)
    root = parsed(written("alto", read("a.png", page)))
    words = [
        (word.get("CONTENT"), word.get("HPOS"), word.get("WIDTH"), word.get("WC"))
        for word in root.iter(f"{ALTO}String")
    ]
    assert words == [("ab", "10", "40", "0.8000"), ("c", "189", "21", "0.5000")]


def test_alto_has_what_its_schema_asks_for():
    root = parsed(written("alto", read("a<&.png", letter(), bad_page(), letter())))
    assert root.tag == f"{ALTO}alto"
    assert [child.tag for child in root] == [f"{ALTO}Description", f"{ALTO}Layout"]
    assert root.findtext(f"{ALTO}Description/{ALTO}MeasurementUnit") == "pixel"
    assert root.findtext(f"{ALTO}Description/{ALTO}sourceImageInformation/{ALTO}fileName") == "a<&.png"
    assert root.findtext(f".//{ALTO}processingSoftware/{ALTO}softwareName") == "edgeocr"
    pages = root.findall(f"{ALTO}Layout/{ALTO}Page")
    assert [page.get("PHYSICAL_IMG_NR") for page in pages] == ["1", "3"]
    placed = {"PrintSpace", "TextBlock", "TextLine", "String"}
    parents = {"PrintSpace": "Page", "TextBlock": "PrintSpace", "TextLine": "TextBlock", "String": "TextLine"}
    for parent in root.iter():
        for child in parent:
            name = child.tag.removeprefix(ALTO)
            if name in placed:
                assert parent.tag == ALTO + parents[name]
                assert all(int(child.get(key)) >= 0 for key in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", name) for name in ids)
    assert all(0 <= float(word.get("WC")) <= 1 for word in root.iter(f"{ALTO}String"))
    assert [len(block.findall(f"{ALTO}TextLine")) for block in pages[0].iter(f"{ALTO}TextBlock")] == [2, 2]
    line = next(root.iter(f"{ALTO}TextLine"))
    assert next(child.tag for child in line) == f"{ALTO}Shape"
    assert " ".join(word.get("CONTENT") for word in line.iter(f"{ALTO}String")) == NASTY


@pytest.mark.parametrize("name", ["alto", "hocr"])
def test_xml_is_well_formed_without_any_result_and_with_odd_characters(name):
    parsed(written(name))
    page = ocr_pb2.Page(width_pixels=9, height_pixels=9)
    add_line(page, "a\x00b\x01")
    texts = parsed(written(name, read("a\x01", page)))
    assert "a�b�" in ElementTree.tostring(texts, encoding="unicode")


@pytest.fixture
def image(tmp_path):
    def make(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return make


def texts(data):
    document = pdfium.PdfDocument(data)
    return [page.get_textpage().get_text_range().split("\r\n") for page in document]


LINES = ["中文发票 第一行", NASTY, "Grüße, 4 €", "𠮷野家"]


def lined():
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    for number, text in enumerate(LINES):
        add_line(page, text, left=50, top=40 + 60 * number, width=400, height=30, row=number)
    return page


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp"])
def test_a_pdf_shows_the_image_and_holds_its_text(image, suffix):
    pixels = rendered([(text, (50, 40 + 60 * number)) for number, text in enumerate(LINES[:3])])
    data = written("pdf", read(image("a" + suffix, encoded(pixels, suffix)), lined()))
    assert texts(data) == [LINES]
    (shown,) = pdfium.PdfDocument(data)
    assert shown.get_size() == pytest.approx((800 * 72 / 200, 600 * 72 / 200))
    drawn = shown.render(scale=200 / 72).to_numpy()[:, :, :3]
    assert np.abs(drawn.astype(int) - pixels).mean() < 4


def test_text_lies_over_what_it_says(image):
    data = written("pdf", read(image("a.png", encoded(rendered([]))), lined()))
    (shown,) = pdfium.PdfDocument(data)
    text = shown.get_textpage()
    begin = text.get_text_range().index("Grüße")
    boxes = [text.get_charbox(begin + place, loose=True) for place in range(len(LINES[2]))]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    scale = 200 / 72
    assert (left * scale, right * scale) == pytest.approx((50, 450), abs=3)
    assert (600 - top * scale, 600 - bottom * scale) == pytest.approx((160, 190), abs=3)


def test_a_photograph_that_lies_on_its_side_is_turned(image):
    pixels = rendered([("Turned", (50, 40))])
    jpeg = encoded(np.ascontiguousarray(cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE)), ".jpg")
    # An Exif segment that says: show it turned clockwise by a quarter.
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif + jpeg[2:]
    (shown,) = pdfium.PdfDocument(written("pdf", read(image("a.jpg", turned), lined())))
    assert np.abs(shown.render(scale=200 / 72).to_numpy()[:, :, :3].astype(int) - pixels).mean() < 4


def test_pages_of_a_pdf_stay_as_they_are_with_text_over_them(image):
    path = image("a.pdf", pdf([PdfPageSpec(texts=[("drawn", 20, 20)]), PdfPageSpec(), PdfPageSpec()]))
    pages = [lined(), bad_page(), lined()]
    pages[0].embedded = True
    data = written("pdf", read(path, *pages))
    assert texts(data)[0] == ["drawn"]
    assert texts(data)[1] == LINES
    assert len(texts(data)) == 2


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_lies_where_a_turned_page_shows_it(image, rotation):
    path = image("a.pdf", pdf([PdfPageSpec(width=400, height=200, rotation=rotation)]))
    width, height = (800, 400) if rotation in (0, 180) else (400, 800)
    page = ocr_pb2.Page(width_pixels=width, height_pixels=height)
    add_line(page, "turned", left=100, top=60, width=200, height=40)
    (shown,) = pdfium.PdfDocument(written("pdf", read(path, page)))
    text = shown.get_textpage()
    assert text.get_text_range() == "turned"
    corners = []
    for place in range(len("turned")):
        left, bottom, right, top = text.get_charbox(place, loose=True)
        for x, y in ((left, bottom), (right, top)):
            across, down = ctypes.c_int(), ctypes.c_int()
            pdfium_c.FPDF_PageToDevice(shown, 0, 0, width, height, 0, x, y, across, down)
            corners.append((across.value, down.value))
    low, high = np.min(corners, 0), np.max(corners, 0)
    assert (*low, *high) == pytest.approx((100, 60, 300, 100), abs=4)


def test_an_encrypted_pdf_cannot_be_made_into_another(image):
    with pytest.raises(OcrError, match="encrypted") as caught:
        written("pdf", read(image("a.pdf", pdf([PdfPageSpec()], password="secret")), lined()))
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION


def test_several_files_are_one_pdf(image):
    data = encoded(rendered([]))
    results = [read(image("a.png", data), lined()), failed("bad"), read(image("b.png", data), lined())]
    assert texts(written("pdf", *results, several=True)) == [LINES, LINES]


def test_a_file_that_is_gone_is_an_error_of_its_own():
    with pytest.raises(OcrError, match="No such file") as caught:
        written("pdf", read("gone.png", lined()))
    assert caught.value.code is grpc.StatusCode.NOT_FOUND


def test_a_pdf_of_nothing_is_nothing():
    assert written("pdf", failed("bad")) == b""
