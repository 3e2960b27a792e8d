import numpy as np
import pytest

from edgeocr.model.recognition.spelling import spelled
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
