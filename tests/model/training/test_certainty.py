import pytest

from edgeocr.model.training.evaluation.certainty import (
    Claim,
    calibration_error,
    chance_error,
    mean_risk,
    risk_at,
    risks,
)
from edgeocr.model.training.evaluation.spaces import Spaces, count


def claims(*told: tuple[float, bool]) -> list[Claim]:
    return [Claim(probability, is_right) for probability, is_right in told]


def test_what_is_right_as_often_as_claimed_is_calibrated() -> None:
    assert calibration_error(claims(*[(0.75, True)] * 3, (0.75, False))) == pytest.approx(0.0)
    assert calibration_error(claims((1.0, False), (1.0, False))) == pytest.approx(1.0)


def test_calibration_error_is_the_mean_over_lines() -> None:
    assert calibration_error(claims((1.0, True), (1.0, True), (1.0, True), (0.0, True))) == pytest.approx(0.25)
    assert calibration_error([]) == 0.0


def test_a_few_lines_show_an_error_by_chance_that_many_do_not() -> None:
    few, many = claims(*[(0.5, True)] * 10), claims(*[(0.5, True)] * 4000)
    assert chance_error(few) > 0.08
    assert chance_error(many) < 0.015
    assert chance_error(few) == chance_error(few)
    assert chance_error(claims((1.0, False))) == 0.0


def test_risk_falls_where_the_unsure_lines_are_the_wrong_ones() -> None:
    told = claims((0.2, False), (0.9, True), (0.8, True), (0.5, True))
    assert risks(told) == [0.0, 0.0, 0.0, 0.25]
    assert risk_at(told, 0.75) == 0.0
    assert risk_at(told, 1.0) == 0.25
    assert mean_risk(told) == pytest.approx(0.0625)
    assert risk_at([], 0.5) == mean_risk([]) == 0.0


@pytest.mark.parametrize(
    ("truth", "guess", "found"),
    [
        ("two more words", "two more words", Spaces(2, 2, 2, 0)),
        ("two more words", "two morewords", Spaces(1, 2, 1, 0)),
        ("two words", "tw owords", Spaces(1, 1, 0, 0)),
        ("two words", "two wards", Spaces()),
        ("中文 字", "中 文 字", Spaces(2, 1, 1, 1)),
        ("中文字", "中 丈字", Spaces(stray=1)),
        ("见 A 店", "见A店", Spaces(0, 2, 0, 0)),
    ],
)
def test_spaces_are_compared_by_place(truth: str, guess: str, found: Spaces) -> None:
    assert count([(truth, guess)]) == found
