import numpy as np
import pytest

from edgeocr.model.recognition import ctc, plates

CHARSET = [*"皖沪陈A12345·"]


def scored(text: str, second: str, share: float) -> np.ndarray:
    """Scores of a text, two time steps a character, whose first one is taken for another one with that probability."""
    scores = np.full((2 * len(text), len(CHARSET) + 1), -20.0, np.float32)
    for place, character in enumerate(text):
        scores[2 * place, CHARSET.index(character) + 1] = 0
        scores[2 * place + 1, 0] = 0
    scores[0, CHARSET.index(second) + 1] = np.log(share)
    scores[0, CHARSET.index(text[0]) + 1] = np.log(1 - share)
    return scores


def settled(scores: np.ndarray) -> tuple[str, float]:
    path = ctc.best_path(scores)
    read = ctc.decode(*path, CHARSET, len(scores))
    if plates.lacks_province(read.text):
        read = plates.with_province(read, scores[plates.first_steps(path[0])], CHARSET)
    assert read.text == "".join(character.text for character in read.characters)
    return read.text, read.characters[0].confidence


def test_likeliest_province_stands_where_a_plate_has_one() -> None:
    text, confidence = settled(scored("陈A·12345", "皖", 0.3))
    assert text == "皖A·12345"
    assert confidence == pytest.approx(0.3, rel=1e-3)


def test_what_is_surely_another_character_stays() -> None:
    assert settled(scored("陈A12345", "皖", 0.001))[0] == "陈A12345"


@pytest.mark.parametrize("text", ["沪A12345", "陈1234", "陈A1234", "陈A12345123", "AA12345", "陈A1·2345"])
def test_other_lines_stay(text: str) -> None:
    assert settled(scored(text, "皖", 0.4))[0] == text


def test_first_steps_end_with_the_first_character() -> None:
    assert plates.first_steps(np.array([0, 0, 3, 3, 0, 3])) == slice(2, 4)
    assert plates.first_steps(np.array([3, 3])) == slice(0, 2)


def test_charset_without_provinces_changes_nothing() -> None:
    scores = scored("陈A12345", "A", 0.4)
    read = ctc.decode(*ctc.best_path(scores), CHARSET, len(scores))
    assert plates.with_province(read, scores[:1], [*"一二三四五六七八九十"]) == read
