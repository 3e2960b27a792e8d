"""Seals over text: which they are, and what is left where their ink was."""

import numpy as np
import pytest

from edgeocr.model.detection.seals import seals, without_ink
from edgeocr.model.files.image import PixelFormat, RawImage
from edgeocr.model.options import Mode, Preparation
from edgeocr.model.timing import Trace
from edgeocr.results.document import Enhancement
from tests.support.rendering import page, with_seal

LINES = [
    "根据有关法律规定双方经协商一致",
    "设备名称型号数量金额单位地址",
    "付款方式交货地点质量标准验收",
    "违约责任争议解决其他约定事项",
]
NAME = "某市样例科技有限公司"
BOX = 250, 30, 470, 250
SEALS = {
    "round": (BOX, NAME, "#d2232d", "ellipse"),
    "oval": ((230, 60, 480, 210), NAME, "#c8102e", "ellipse"),
    "blue": (BOX, NAME, "#2840c0", "ellipse"),
    "pale": (BOX, NAME, "#e07070", "ellipse"),
    "square": ((280, 60, 420, 200), "张大明印", "#c01422", "rectangle"),
}


@pytest.fixture
def text():
    return page([(line, (30, 40 + 50 * place)) for place, line in enumerate(LINES)], 520, 280)


def read(reader, pixels, **preparation):
    height, width = pixels.shape[:2]
    source = RawImage(pixels.tobytes(), PixelFormat.BGR24, width, height)
    *_, last = reader.read(source, Mode.PAGE, Trace(), preparation=Preparation(**preparation))
    return last.page


@pytest.mark.parametrize("kind", SEALS)
def test_lines_below_a_seal_are_read_and_the_page_says_so(reader, text, kind):
    found = read(reader, with_seal(text, *SEALS[kind]))
    assert [line.text for line in found.lines] == LINES
    assert found.enhancements == (Enhancement.SEALS,)


def test_without_enhancement_nothing_is_taken_off(reader, text):
    assert read(reader, with_seal(text, *SEALS["round"]), enhancement=False).enhancements == ()


@pytest.mark.parametrize("kind", SEALS)
def test_ink_becomes_paper_and_text_stays_dark(text, kind):
    stamped = with_seal(text, *SEALS[kind])
    (seal,) = seals(stamped)
    cleaned = without_ink(stamped, [seal])
    was_dark, was_white = (text < 60).all(2), (text > 250).all(2)
    assert cleaned[was_dark].max() < 110
    assert np.percentile(cleaned[was_white].min(1), 1) > 200


def test_pixels_that_may_not_be_changed_are_copied(text):
    stamped = with_seal(text, *SEALS["round"])
    before = stamped.copy()
    stamped.flags.writeable = False
    cleaned = without_ink(stamped, seals(stamped))
    assert (stamped == before).all()
    assert (cleaned != before).any()


def test_a_larger_page_has_its_seal_in_its_own_pixels():
    large = page([(line, (300, 900 + 150 * place)) for place, line in enumerate(LINES)], 2400, 3200, size=90)
    (seal,) = seals(with_seal(large, (900, 900, 1500, 1500), NAME))
    assert np.abs(seal.outline.mean(0) - 1200).max() < 10
    assert np.ptp(seal.outline, axis=0).max() == pytest.approx(600, rel=0.12)


def test_a_seal_that_stands_alone_stays(reader):
    alone = with_seal(page([(LINES[0], (30, 300))], 520, 360), BOX, NAME)
    assert seals(alone) == []


def test_frames_with_coloured_labels_and_dark_values_stay():
    form = page([("设备名称", (270, 130))], 520, 280)
    assert seals(with_seal(form, (230, 40, 420, 230), "单", "#c01422", "rectangle")) == []


@pytest.mark.parametrize("colour", ["#d2232d", "#2840c0"])
def test_coloured_discs_and_text_stay(colour):
    disc = page([(LINES[0], (30, 20))], 520, 280)
    rows, columns = np.ogrid[:280, :520]
    disc[(rows - 150) ** 2 + (columns - 260) ** 2 < 90**2] = (40, 30, 200)
    assert seals(disc) == []
