"""Blocks of pages that are laid out here: their kinds, and paragraphs joined as they were set."""

from dataclasses import replace
from itertools import groupby

import pytest

from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.layout.structure.blocks import blocks
from edgeocr.model.options import Mode
from edgeocr.model.results import BlockKind, Line
from edgeocr.model.timing import Trace
from tests.support.rendering import font, page

ENGLISH = (
    "The mill at the end of the lane was built by a family of carpenters who came from the north in search of work. "
    "It ground the corn of eleven villages for more than a century, and its wheel could be heard as far as the church."
)
SECOND = (
    "When the river was diverted the wheel stood still, and the building was used as a store for timber and wool until "
    "the roof fell in after a winter of heavy snow."
)
CHINESE = (
    "设备清单和测试报告已经完成，请在星期五之前送到北京办公室。我们需要清洁的空气和水，每个人都"
    "可以参加会议。春天来了，花园里开满了花，图书馆的书按照作者排列。"
)
OTHER = "火车将于上午九点到达上海，请所有乘客提前半小时在候车室等候，并保管好自己的行李和车票。"


def set_in(text, width, size):
    """The rows of a paragraph that is set to a width in pixels."""
    parts = list(text) if " " not in text else [f"{word} " for word in text.split(" ")]
    rows = [""]
    for part in parts:
        if font(size).getlength((rows[-1] + part).rstrip()) > width:
            rows.append("")
        rows[-1] += part
    return [row.rstrip() for row in rows]


class Sheet:
    """Rows of text on their places, and lines as they would be read."""

    def __init__(self, size=24):
        self.size = size
        self.y = 40
        self.rows = []
        self.paragraph = -1

    def add(self, *texts, left=80, size=None, gap=30, new=True):
        size = size or self.size
        self.paragraph += new
        self.y += gap * new
        for text in texts:
            self.rows.append((text, left, self.y, size, self.paragraph))
            self.y += round(1.45 * size)
        return self

    def lines(self):
        found, areas = [], []
        for number, (text, left, top, size, paragraph) in enumerate(self.rows):
            area = (float(left), float(top), left + font(size).getlength(text), top + 1.2 * size)
            right, bottom = area[2:]
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            found.append(Line(corners, text, 1.0, (), number, paragraph))
            areas.append(area)
        return found, areas

    def blocks(self, height=1100):
        lines, areas = self.lines()
        return blocks(lines, areas, (), (0.0, 0.0, 900.0, float(height)))


def kinds(found):
    return [(block.kind, block.level) for block in found]


@pytest.mark.parametrize(("first", "second"), [(ENGLISH, SECOND), (CHINESE, OTHER)], ids=["English", "Chinese"])
@pytest.mark.parametrize("width", [420, 560, 700])
def test_paragraphs_are_joined_as_they_were_set(first, second, width):
    sheet = Sheet().add(*set_in(first, width, 24)).add(*set_in(second, width, 24))
    assert [block.text for block in sheet.blocks()] == [first, second]
    assert {block.kind for block in sheet.blocks()} == {BlockKind.PARAGRAPH}


def test_rows_that_end_early_stay_rows():
    sheet = Sheet().add(*set_in(ENGLISH, 700, 24)).add("The Old Mill", "Mill Lane 4", "Northwick")
    assert sheet.blocks()[1].text == "The Old Mill\nMill Lane 4\nNorthwick"


VERSE = [
    *("Who waits upon the landing", "has waited there before,", "and counts the sails, and counts again,"),
    *("and would that there were more", "than came in with the tide"),
]
ADDRESS = [
    *("Northern Ferry Company of Port Ellen and Islay", "12 Quay Street", "Port Ellen", "Isle of Islay PA42 7BL"),
    "United Kingdom of Great Britain",
]
POSTER = [
    *("假期马上就要来了，", "很多朋友早早订好票、安排行程，", "准备好好玩一下，"),
    *("出游过程中应该注意什么事情，", "天气怎样"),
]


@pytest.mark.parametrize("rows", [VERSE, ADDRESS, POSTER], ids=["verse", "address", "poster"])
def test_rows_with_room_for_more_stay_rows_however_they_go_on(rows):
    assert [block.text for block in Sheet().add(*rows).blocks()] == ["\n".join(rows)]


def test_the_items_of_a_receipt_tell_how_far_its_rows_go():
    sheet = Sheet().add("HARBOUR STATIONERY", "42 Quay Street, Port Ellen", "TAX INVOICE No. 2026-00417")
    for name, price in (("Notebook A5 2 x 3.50", "7.00"), ("Fountain pen 1 x 18.90", "18.90"), ("TOTAL", "25.90")):
        sheet.add(name).add(price, left=520, gap=-35)
    lines, areas = sheet.lines()
    rows = {place: row for row, places in enumerate(((0,), (1,), (2,), (3, 4), (5, 6), (7, 8))) for place in places}
    lines = [replace(line, row=rows[place], paragraph=rows[place] // 3) for place, line in enumerate(lines)]
    first, *_ = blocks(lines, areas, (), (0.0, 0.0, 600.0, 600.0))
    assert first.text == "HARBOUR STATIONERY\n42 Quay Street, Port Ellen\nTAX INVOICE No. 2026-00417"


def test_labels_with_their_values_stay_rows():
    rows = ["Name: Anna Reid", "Length of the boat: 7.50 metres and a half over all", "Date: 3 May 2026"]
    assert [block.text for block in Sheet().add(*rows).blocks()] == ["\n".join(rows)]


def test_headings_are_ranked_by_their_size():
    sheet = Sheet().add("The River", size=48).add(*set_in(ENGLISH, 700, 24))
    sheet.add("Its mills", size=34).add(*set_in(SECOND, 700, 24)).add("References").add(*set_in(ENGLISH, 700, 24))
    found = kinds(sheet.blocks())
    assert [level for kind, level in found if kind is BlockKind.HEADING] == [1, 2, 3]


def test_items_of_lists_are_blocks_with_their_depth():
    sheet = Sheet().add(*set_in(ENGLISH, 700, 24)).add("1. The first one of all")
    sheet.add("a) with a part", left=120, new=False).add("b) and another", left=120, new=False)
    sheet.add("2. The second", new=False)
    assert kinds(sheet.blocks()) == [
        (BlockKind.PARAGRAPH, 0),
        (BlockKind.LIST_ITEM, 1),
        (BlockKind.LIST_ITEM, 2),
        (BlockKind.LIST_ITEM, 2),
        (BlockKind.LIST_ITEM, 1),
    ]


def test_what_stands_in_the_margins_has_its_own_kinds():
    sheet = Sheet().add("A history of the river", size=18, gap=0).add(*set_in(ENGLISH, 700, 24), gap=60)
    sheet.add("Fig. 1: The mill").add(*set_in(SECOND + " " + ENGLISH, 700, 24)).add("- 12 -", gap=80, left=400)
    found = sheet.blocks(height=sheet.y + 30)
    assert [block.kind for block in found] == [
        *(BlockKind.HEADER, BlockKind.PARAGRAPH, BlockKind.CAPTION, BlockKind.PARAGRAPH, BlockKind.PAGE_NUMBER)
    ]


def test_each_line_is_in_one_block():
    sheet = Sheet().add("Title", size=48).add(*set_in(ENGLISH, 500, 24)).add("• one").add("• two").add("7", gap=90)
    places = [place for block in sheet.blocks(height=sheet.y + 10) for place in block.lines]
    assert places == list(range(len(sheet.rows)))


@pytest.mark.slow
@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_a_page_that_is_read_has_its_paragraphs_joined(reader, text):
    rows = [(row, (60, 60 + 40 * number)) for number, row in enumerate(set_in(text, 640, 26))]
    pixels = page(rows, size=26)
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, pixels.shape[1], pixels.shape[0])
    *_, done = reader.read(source, Mode.PAGE, Trace())
    assert "".join(block.text.replace(" ", "") for block in done.page.blocks) == text.replace(" ", "")
    assert len(done.page.blocks) == 1
    assert [place for block in done.page.blocks for place, _ in groupby(block.lines)] == list(range(len(rows)))
