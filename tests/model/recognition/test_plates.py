import pytest

from edgeocr.model.recognition.rules.plates import with_province
from edgeocr.model.results import Alternative, Character


def line(text, *alternatives):
    """A line's characters, the first of which might be others too."""
    size = len(text)
    others = tuple(Alternative(other, 0.2 - 0.05 * place) for place, other in enumerate(alternatives))
    return [
        Character(
            text=character,
            confidence=0.5,
            start=place / size,
            end=(place + 1) / size,
            alternatives=() if place else others,
        )
        for place, character in enumerate(text)
    ]


def settled(text, *alternatives):
    return "".join(character.text for character in with_province(line(text, *alternatives)))


def test_likeliest_province_stands_where_a_plate_has_one():
    first = with_province(line("陈A·12345", "院", "皖", "沪"))[0]
    assert (first.text, first.confidence) == ("皖", pytest.approx(0.15))
    assert [other.text for other in first.alternatives] == ["陈", "院", "沪"]


def test_plates_of_electric_cars_have_a_character_more():
    assert settled("陈AD12345", "皖") == "皖AD12345"


@pytest.mark.parametrize(
    "text", ["沪A12345", "陈1234", "陈A1234", "陈A12345123", "AA12345", "陈A1·2345", "陈AO2345", ""]
)
def test_other_lines_stay(text):
    assert settled(text, "皖") == text


def test_what_has_no_province_among_its_alternatives_stays():
    assert settled("陈A12345", "院", "降") == "陈A12345"
