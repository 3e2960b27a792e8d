import pytest

from edgeocr.model.networks.manifest import Calibration
from edgeocr.model.recognition.certainty import likelihood
from edgeocr.model.results import Character, ReadText

CALIBRATION = Calibration(slope=0.8, shift=-0.2)


def line(text: str, *confidences: float) -> ReadText:
    made = tuple(Character(one, sure, 0.0, 1.0) for one, sure in zip(text, confidences, strict=True))
    return ReadText(text, sum(confidences) / len(confidences), made)


def test_without_a_calibration_a_line_is_as_likely_as_its_characters_together() -> None:
    assert likelihood(line("ab", 0.9, 0.8), Calibration()) == pytest.approx(0.72)


def test_nothing_is_never_right() -> None:
    assert likelihood(ReadText("", 0.0, ()), CALIBRATION) == 0.0


@pytest.mark.parametrize("sure", [0.0, 1e-30, 1.0])
def test_characters_of_any_confidence_make_a_probability(sure: float) -> None:
    assert 0.0 < likelihood(line("a" * 90, *[sure] * 90), CALIBRATION) < 1.0


def test_a_surer_line_of_the_same_text_is_likelier_right() -> None:
    told = [likelihood(line("ab", 0.9, sure), CALIBRATION) for sure in (0.2, 0.5, 0.9, 0.99)]
    assert told == sorted(told)
    assert len(set(told)) == 4


def test_a_calibration_moves_what_a_line_claims() -> None:
    assert likelihood(line("的", 0.9), CALIBRATION) == pytest.approx(1 / (1 + 2.718281828 ** -(-0.2 + 0.8 * 2.1972246)))
    assert likelihood(line("a", 0.5), Calibration(shift=1.0)) > 0.7


def test_of_two_lines_whose_characters_make_the_same_product_the_longer_one_may_be_called_likelier() -> None:
    short, long = line("a", 0.81), line("ab", 0.9, 0.9)
    assert likelihood(long, CALIBRATION) == pytest.approx(likelihood(short, CALIBRATION))
    assert likelihood(long, Calibration(length=0.6)) > likelihood(short, Calibration(length=0.6))
    assert likelihood(short, Calibration(length=0.6)) == pytest.approx(0.81)
