import cv2
import numpy as np
import pytest

from edgeocr.model.recognition.rules.ballot_boxes import with_box, with_leading_box
from edgeocr.model.results import Character, ReadText


def line(draw):
    pixels = np.full((36, 160, 3), 255, np.uint8)
    draw(pixels)
    cv2.putText(pixels, "Done", (50, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2)
    return pixels


def box(pixels):
    cv2.rectangle(pixels, (6, 8), (26, 28), (0, 0, 0), 2)


def ticked(pixels):
    box(pixels)
    cv2.line(pixels, (11, 19), (15, 23), (0, 0, 0), 2)
    cv2.line(pixels, (15, 23), (22, 13), (0, 0, 0), 2)


def cut_open(pixels):
    box(pixels)
    pixels[4:32, 22:40] = 255


def broad(pixels):
    cv2.rectangle(pixels, (4, 12), (40, 26), (0, 0, 0), 2)


DONE = ReadText("D", 0.8, (Character("D", 0.8, 0.3, 0.6),))


@pytest.mark.parametrize(
    ("draw", "text"),
    [(box, "☐ D"), (ticked, "☑ D"), (cut_open, "D"), (broad, "D"), (lambda pixels: None, "D")],
)
def test_a_frame_before_the_first_character_is_a_box(draw, text):
    found = with_leading_box(DONE, line(draw))
    assert found.text == text == "".join(character.text for character in found.characters)


def test_a_box_that_was_read_is_not_found_again():
    read = ReadText("☑", 0.8, (Character("☑", 0.8, 0.3, 0.6),))
    assert with_leading_box(read, line(ticked)) is read


def test_nothing_read_stays_nothing():
    assert not with_leading_box(ReadText("", 0.0, ()), line(ticked)).text


def written(*texts):
    width = 1 / len(texts)
    characters = tuple(Character(text, 0.9, place * width, (place + 1) * width) for place, text in enumerate(texts))
    return ReadText("".join(texts), 0.9, characters)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("✓", "|", "P", "a", "i", "d"), "☑ Paid"),
        (("X", " ", "P", "a", "i", "d"), "☑ Paid"),
        (("口", " ", "男", "性", "人", "员"), "☑ 男性人员"),
        ((" ", " ", "P", "a", "i", "d"), "☑ Paid"),
    ],
)
def test_what_is_read_in_a_frame_is_a_box(texts, found):
    assert with_box(written(*texts), 0.0, 0.2, is_ticked=True).text == found


@pytest.mark.parametrize("text", ["国家标准", "Quarter", "Date", "8 pieces"])
def test_a_character_that_looks_like_a_box_stays(text):
    read = written(*text)
    assert with_box(read, 0.0, 1 / len(text), is_ticked=True) is read


def test_a_frame_with_nothing_behind_it_is_no_box_of_a_line():
    read = written("口")
    assert with_box(read, 0.0, 1.0, is_ticked=False) is read


def test_a_mouth_among_characters_as_close_stays():
    read = written(*"口的告示上")
    assert with_box(read, 0.02, 0.18, is_ticked=False) is read


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        (("|", "1", "|", *" The"), "1 The"),
        (("1", "|", *"The"), "1 The"),
        (("|", " ", "A", " ", "|", " ", *"The"), "A The"),
        (("1", " ", *"The|"), "1 The|"),
    ],
)
def test_sides_of_a_frame_around_a_number_are_not_text(texts, found):
    assert with_box(written(*texts), 0.0, 0.45, is_ticked=True).text == found
