"""What of a line is read again, and what a line is made of then."""

import numpy as np
import pytest

from edgeocr.model.recognition.pieces import Piece, doubtful, replaced
from edgeocr.model.results import Character, LineReader, ReadText

HEIGHT, PITCH, STROKE = 48, 30, 22
SURE, UNSURE = 0.999, 0.5


def drawn(text, unsure=(), pitch=PITCH):
    """A line's image with a block for each character, and that text, of which the characters at some places are
    unsure."""
    image = np.full((HEIGHT, pitch * len(text), 3), 255, np.uint8)
    for place, character in enumerate(text):
        if character != " ":
            image[8:40, pitch * place + 4 : pitch * place + 4 + STROKE] = 0
    return image, read(text, unsure)


def drawn_apart(text, at, gap):
    """A line's image with so many more columns before one of its characters, and that text."""
    image, _ = drawn(text)
    paper = np.full((HEIGHT, gap, 3), 255, np.uint8)
    wider = np.concatenate([image[:, : PITCH * at], paper, image[:, PITCH * at :]], 1)
    lefts = [PITCH * place + (gap if place >= at else 0) for place in range(len(text))]
    width = wider.shape[1]
    characters = tuple(
        Character(one, SURE, left / width, (left + PITCH) / width) for one, left in zip(text, lefts, strict=True)
    )
    return wider, ReadText(text, SURE, characters)


def read(text, unsure=(), name=LineReader.FAST):
    characters = tuple(
        Character(one, UNSURE if place in unsure else SURE, place / len(text), (place + 1) / len(text))
        for place, one in enumerate(text)
    )
    mean = sum(one.confidence for one in characters) / len(text)
    return ReadText(text, mean, characters, name)


def texts_again(image, glanced, columns=lambda piece: piece.right - piece.left):
    pieces = doubtful(glanced, image, lambda probability, count: probability > 0.9, columns)
    return [piece.of(glanced).text for piece in pieces]


def test_nothing_of_a_sure_line_is_read_again():
    assert texts_again(*drawn("some words 和一行")) == []


def test_a_word_with_a_doubtful_character_is_read_again_alone():
    assert texts_again(*drawn("one words more", {6})) == ["words"]
    assert texts_again(*drawn("one words more", {0, 13})) == ["one", "more"]


def test_a_character_of_han_is_read_again_with_those_beside_it():
    assert texts_again(*drawn("这是一行很长的文字", {4})) == ["行很长"]


def test_no_more_is_read_again_than_leaves_the_rest_sure():
    image, glanced = drawn("ab cd ef")
    likely = (0.99, 0.99, 0.999, 0.9, 0.999, 0.999, 0.95, 0.999)
    characters = tuple(
        Character(one.text, sure, one.start, one.end) for one, sure in zip(glanced.characters, likely, strict=True)
    )
    assert texts_again(image, ReadText(glanced.text, 0.9, characters)) == ["cd"]


def test_a_piece_ends_in_the_middle_of_the_gap_beside_it():
    image, glanced = drawn("ab cd ef", {3})
    (piece,) = doubtful(
        glanced, image, lambda probability, _: probability > 0.9, lambda piece: piece.right - piece.left
    )
    assert (piece.first, piece.end) == (3, 5)
    assert piece.left == pytest.approx(2.5 * PITCH, abs=2)
    assert piece.right == pytest.approx(5.5 * PITCH, abs=2)


def test_all_of_a_line_is_read_again_where_pieces_take_no_less():
    image, glanced = drawn("one two 3", {0, 8})
    assert texts_again(image, glanced, lambda piece: max(200, piece.right - piece.left)) == ["one two 3"]


def test_a_line_is_not_cut_where_ink_runs_through():
    image, glanced = drawn("one words more", {6})
    image[30:34] = 0
    assert texts_again(image, glanced) == ["one words more"]


def test_no_piece_of_a_line_a_few_pixels_high_is_without_columns():
    image = np.zeros((4, 6, 3), np.uint8)
    image[0] = image[:, :1] = 255
    extents = (("a", UNSURE, 0.0, 0.1), (" ", SURE, 0.1, 0.2), ("b", SURE, 0.2, 1.0))
    glanced = ReadText("a b", SURE, tuple(Character(*one) for one in extents))
    (piece,) = doubtful(
        glanced, image, lambda probability, _: probability > 0.9, lambda piece: piece.right - piece.left
    )
    assert (piece.left, piece.right) == (0, 6)


def test_a_line_of_which_nothing_was_read_is_read_again_as_a_whole():
    image, _ = drawn("ab")
    nothing = ReadText("", 0.0, ())
    assert doubtful(nothing, image, lambda probability, _: probability > 0.9, lambda _: 1) == [Piece(0, 0, 0, 60)]


def test_a_mark_that_no_character_was_read_of_makes_its_word_doubtful():
    image, glanced = drawn("one words more")
    image[8:14, 5 * PITCH - 18 : 5 * PITCH - 12] = 0
    assert texts_again(image, glanced) == []  # Within a character's own width it belongs to that.
    for left in (9 * PITCH + 12, 9 * PITCH - 1):
        image, glanced = drawn("one words more")
        image[34:40, left : left + 6] = 0
        assert texts_again(image, glanced) in (["words more"], ["words"])


def test_what_reaches_into_a_line_from_its_ends_is_no_mark_of_it():
    image, glanced = drawn(" one words ")
    image[8:40, :8] = 0
    image[8:40, -8:] = 0
    assert texts_again(image, glanced) == []


def test_letters_far_apart_without_a_space_between_are_doubtful_and_wide_characters_are_not():
    assert texts_again(*drawn_apart("onewords", 3, 24)) == ["onewords"]
    assert texts_again(*drawn_apart("文字一行", 3, 24)) == []


def test_letters_that_are_spaced_alike_are_not_doubtful():
    assert texts_again(*drawn("spaced", pitch=2 * PITCH)) == []


def test_a_gap_beside_han_like_the_spaces_of_its_line_is_doubtful():
    assert texts_again(*drawn_apart("we read文 and more", 7, PITCH)) == ["read文"]
    assert texts_again(*drawn_apart("we read文 and more", 7, PITCH // 2)) == []
    assert texts_again(*drawn_apart("we文", 2, PITCH)) == []


def test_a_narrow_letter_among_letters_of_one_pitch_is_not_doubtful():
    image, glanced = drawn("typist", pitch=36)
    image[:, 40:48] = image[:, 54:62] = 255
    assert texts_again(image, glanced) == []


def test_a_doubtful_space_makes_nothing_doubtful():
    image, glanced = drawn("one words more", {3})
    image[30:34] = 0
    assert texts_again(image, glanced) == []


def test_a_line_is_made_of_what_stood_and_what_was_read_again():
    image, glanced = drawn("one w0rds more", {5})
    found = replaced(glanced, [(Piece(4, 9, 105, 285), read("words", name=LineReader.ACCURATE))], image.shape[1])
    assert found.text == "one words more"
    assert found.reader is LineReader.ACCURATE
    assert found.confidence == pytest.approx(SURE)
    starts = [one.start * image.shape[1] for one in found.characters]
    ends = [one.end * image.shape[1] for one in found.characters]
    assert (starts[4], ends[8]) == pytest.approx((105, 285))
    assert starts[9:] == pytest.approx([285, 300, 330, 360, 390])
    assert all(before <= behind + 1e-9 for before, behind in zip(ends[:-1], starts[1:], strict=True))


def test_pieces_read_again_take_their_places_whatever_their_order():
    image, glanced = drawn("0ne w0rds more", {0, 5})
    parts = [(Piece(4, 9, 105, 285), read("words")), (Piece(0, 3, 0, 105), read("one"))]
    assert replaced(glanced, parts, image.shape[1]).text == "one words more"
