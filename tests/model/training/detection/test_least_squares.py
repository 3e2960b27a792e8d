import numpy as np
import pytest

from edgeocr.model.training.detection.least_squares import explaining, ridge

RNG = np.random.default_rng(0)


def test_columns_are_chosen_that_explain_the_others():
    one, other, noise, more = RNG.normal(size=(4, 500))
    columns = np.stack([one + 0.5 * noise, 2 * other, 3 * one, one + 0.3 * more], 1)
    assert explaining(columns, 1) == [2]
    assert explaining(columns, 2) == [1, 2]
    assert explaining(columns, 3) == [0, 1, 2]


def test_as_many_columns_are_chosen_as_are_asked_for_even_if_fewer_explain_all():
    columns = np.repeat(RNG.normal(size=(50, 1)), 4, 1)
    assert explaining(columns, 3) == sorted(set(explaining(columns, 3)))
    assert len(explaining(columns, 3)) == 3


def test_a_linear_map_is_found_again():
    given, weights, bias = RNG.normal(2, 3, (200, 5)), RNG.normal(size=(5, 3)), RNG.normal(size=3)
    found, shift = ridge(given, given @ weights + bias, 1e-9)
    assert found == pytest.approx(weights, abs=1e-5)
    assert shift == pytest.approx(bias, abs=1e-4)


def test_inputs_that_say_the_same_share_the_weight():
    given = np.repeat(RNG.normal(size=(100, 1)), 2, 1)
    found, _ = ridge(given, 4 * given[:, :1], 1e-6)
    assert found == pytest.approx(np.full((2, 1), 2.0), abs=1e-3)
