import itertools

import numpy as np
import pytest

from edgeocr.model.recognition.rules.rule import ALL_RULES, DecodingRule
from edgeocr.model.recognition.rules.spelling import spelled
from edgeocr.model.results import Character, ReadText

CLOSE = 3.0 * np.arange(40)
"""Where characters are that stand too close to tell their widths."""


def read(text):
    size = len(text)
    characters = tuple(
        Character(character, 0.9, place / size, (place + 1) / size) for place, character in enumerate(text)
    )
    return ReadText(text, 0.9, characters)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中国（CHN)", "中国（CHN）"),
        ("中国(CHN）", "中国（CHN）"),
        ("见(二)第（3)条", "见（二）第（3）条"),
        ("发〔2024]15号", "发〔2024〕15号"),
        ("【重要]", "【重要】"),
        ("see (page 3）", "see (page 3)"),
        ("f(x)的值（见表）", "f(x)的值（见表）"),
        ("视图(Ｖ)", "视图(V)"),
        ("OCＲ", "OCR"),
        ("不超过60°℃", "不超过60℃"),
        ("-40°C to 5°", "-40°C to 5°"),
    ],
)
def test_characters_are_spelled_as_they_belong_together(text, expected):
    found = spelled(read(text), CLOSE)
    assert found.text == expected == "".join(character.text for character in found.characters)


@pytest.mark.parametrize("text", ["", "(", "）（", "a) first", "【（x】）", "1（2)3)"])
def test_what_is_no_pair_is_left_or_harmless(text):
    assert len(spelled(read(text), CLOSE).text) == len(text)


def test_a_sign_that_takes_in_another_takes_its_place():
    assert spelled(read("5°℃"), CLOSE).characters[-1] == Character("℃", 0.9, 1 / 3, 1.0)


def test_full_width_text_that_is_all_of_full_width_stays():
    assert spelled(read("ＡＢＣ中文"), CLOSE).text == "ＡＢＣ中文"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("□ Yes", "☐ Yes"),
        ("□是 ☑否", "☐是 ☑否"),
        ("□是 □否", "□是 □否"),
    ],
)
def test_an_empty_square_is_a_ballot_box_among_ticked_ones_and_before_latin(text, expected):
    assert spelled(read(text), CLOSE).text == expected


def test_a_dash_of_two_squares_is_two_characters_that_share_its_extent():
    found = spelled(read("甲乙—丙"), np.array([2.5, 7.5, 15.0, 22.5]))
    assert found.text == "甲乙——丙"
    assert [character.end for character in found.characters][1:4] == [0.5, 0.625, 0.75]


def spaced(text, gap):
    """Characters one wide, spaces `gap` wide, as their centres lie."""
    centres, place = [], 0.0
    for character in text:
        width = gap if character == " " else 1.0
        centres.append(place + width / 2)
        place += width
    borders = [0.0, *((one + other) / 2 for one, other in itertools.pairwise(centres)), place]
    characters = tuple(
        Character(character, 0.9, borders[index] / place, borders[index + 1] / place)
        for index, character in enumerate(text)
    )
    return ReadText(text, 0.9, characters)


@pytest.mark.parametrize(
    ("text", "gap", "expected"),
    [
        ("比重较 22 年提升", 0.1, "比重较22年提升"),
        ("比重较 22 年提升", 0.8, "比重较 22 年提升"),
        ("年化 ROE", 0.1, "年化ROE"),
        ("two words", 0.1, "two words"),
        ("中 文字", 0.1, "中 文字"),
        ("1. 中文字", 0.1, "1. 中文字"),
        ("号 A", 0.1, "号 A"),
    ],
)
def test_narrow_gap_between_han_and_letter_or_digit_is_no_space(text, gap, expected):
    found = spelled(spaced(text, gap), CLOSE)
    assert found.text == expected
    ends = [one.end for one in found.characters]
    starts = [one.start for one in found.characters]
    assert starts[1:] == pytest.approx(ends[:-1])


@pytest.mark.parametrize(
    ("rule", "text", "spelling"),
    [
        (DecodingRule.DEGREES, "5°℃", "5℃"),
        (DecodingRule.WIDTHS, "中Ａ文", "中A文"),
        (DecodingRule.BRACKETS, "中（文)", "中（文）"),
        (DecodingRule.BOXES, "□ Yes", "☐ Yes"),
    ],
)
def test_a_rule_works_alone_and_can_be_left_out(rule: DecodingRule, text: str, spelling: str) -> None:
    assert spelled(read(text), CLOSE, {rule}).text == spelling
    assert spelled(read(text), CLOSE, ALL_RULES - {rule}).text == text


def test_without_rules_a_text_stays_as_it_was_read() -> None:
    given = read("□ 5°℃（Ａ)")
    assert spelled(given, CLOSE, ()) is given
