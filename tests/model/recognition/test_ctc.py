import numpy as np
import pytest

from edgeocr.model.recognition import ctc

CHARSET = ("a", "b", "c")


def scores(path: str, sure: float = 9.0) -> np.ndarray:
    """Logits whose best path spells `path`, with - for the blank."""
    logits = np.zeros((len(path), len(CHARSET) + 1), np.float32)
    for step, symbol in enumerate(path):
        logits[step, 0 if symbol == "-" else CHARSET.index(symbol) + 1] = sure
    return logits


@pytest.mark.parametrize(
    ("path", "text"),
    [("--aa-b-", "ab"), ("aab", "ab"), ("a-a", "aa"), ("abc", "abc"), ("----", ""), ("c", "c"), ("-bb", "b")],
)
def test_repeats_merge_and_blanks_vanish(path, text):
    assert ctc.decode(ctc.best_path(scores(path)), CHARSET, len(path)).text == text


def test_confidence_is_the_highest_softmax_probability_while_a_character_lasts():
    logits = scores("aa-b-")
    logits[1, 1], logits[3, 2] = 5.0, 2.0
    read = ctc.decode(ctc.best_path(logits), CHARSET, 5)
    expected = np.exp([9.0, 2.0]) / (np.exp([9.0, 2.0]) + 3)
    assert [character.confidence for character in read.characters] == pytest.approx(expected, rel=1e-5)
    assert read.confidence == pytest.approx(expected.mean(), rel=1e-5)
    assert read.probability == pytest.approx(expected.prod(), rel=1e-5)


def test_extents_rise_from_character_to_character_and_surround_their_time_steps():
    read = ctc.decode(ctc.best_path(scores("--a---b--cc--")), CHARSET, 13)
    edges = [(character.start, character.end) for character in read.characters]
    for (start, end), middle in zip(edges, (2.5, 6.5, 10.0), strict=True):
        assert 0 <= start < middle / 13 < end <= 1
    assert edges[0][1] == edges[1][0]
    assert edges[1][1] == edges[2][0]


def test_nothing_read_has_no_confidence():
    read = ctc.decode(ctc.best_path(scores("---")), CHARSET, 3)
    assert (read.text, read.confidence, read.probability, read.characters) == ("", 0.0, 0.0, ())
