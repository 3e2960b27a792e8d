import pytest

from edgeocr.model.recognition.spelling import spelled
from edgeocr.model.results import Character, ReadText


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
    found = spelled(read(text))
    assert found.text == expected == "".join(character.text for character in found.characters)


@pytest.mark.parametrize("text", ["", "(", "）（", "a) first", "【（x】）", "1（2)3)"])
def test_what_is_no_pair_is_left_or_harmless(text):
    assert len(spelled(read(text)).text) == len(text)


def test_a_sign_that_takes_in_another_takes_its_place():
    assert spelled(read("5°℃")).characters[-1] == Character("℃", 0.9, 1 / 3, 1.0)


def test_full_width_text_that_is_all_of_full_width_stays():
    assert spelled(read("ＡＢＣ中文")).text == "ＡＢＣ中文"
