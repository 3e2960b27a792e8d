import math

import numpy as np
import pytest
import torch

from edgeocr.model.training.detection.layers import Kind, Layer
from edgeocr.model.training.detection.ranges import Encoding, Range, adjusted, observe
from tests.model.training.detection.conftest import SOURCE


def test_an_encoding_covers_its_range_and_has_an_exact_zero():
    encoding = Range(-1.0, 3.0).encoding()
    assert encoding.scale == pytest.approx(4 / 255)
    assert -encoding.zero_point * encoding.scale == pytest.approx(-1.0, abs=encoding.scale)
    assert (255 - encoding.zero_point) * encoding.scale == pytest.approx(3.0, abs=encoding.scale)
    assert Range(2.0, 4.0).encoding() == Encoding(pytest.approx(4 / 255), 0)


def test_a_constant_tensor_has_an_encoding():
    assert Range(0.0, 0.0).encoding().scale > 0


def test_an_outlier_of_one_page_widens_the_range_by_its_share_only():
    layers = [Layer(Kind.HARD_SWISH, (SOURCE,), "a")]
    pages = [{SOURCE: torch.full((1, 1, 2, 2), value)} for value in (4.0, 4.0, 4.0, 40.0)]
    assert observe(layers, pages)["a"] == Range(pytest.approx(13.0), pytest.approx(13.0))


def test_single_numbers_are_all_covered():
    layers = [Layer(Kind.MEAN, (SOURCE,), "a")]
    pages = [{SOURCE: torch.full((1, 1, 2, 2), value)} for value in (-4.0, 4.0, 40.0)]
    assert observe(layers, pages)["a"] == Range(-4.0, 40.0)


def test_ranges_are_adjusted_to_the_layers_around(layers):
    ranges = adjusted(layers, {layer.output: Range(-50.0, 20.0 + place) for place, layer in enumerate(layers)})
    assert ranges["a"].low == -3.0  # below, a hard swish is zero
    assert ranges["c"].low == 0.0  # a ReLU's
    assert (ranges["j"].low, ranges["j"].high) == (0.0, 1.0)  # a clamp's
    assert ranges["l"] == ranges["k"]  # a copy's
    assert ranges["k"] == ranges["f"] == ranges["m"]  # what is joined
    assert ranges["q"] == Range(0.0, 1.0)
    assert all(math.isfinite(value) for kept in ranges.values() for value in (kept.low, kept.high))


def test_observed_ranges_hold_every_layer(layers):
    pixels = np.random.default_rng(0).normal(0, 50, (1, 3, 64, 64)).astype(np.float32)
    assert set(observe(layers, [{SOURCE: torch.tensor(pixels)}])) == {layer.output for layer in layers}
