from dataclasses import replace

import numpy as np
import pytest
import torch

from edgeocr.model.training.detection import narrow
from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection.forward import run, weights_of, with_weights
from tests.model.training.detection.conftest import INNER, OUTPUTS, taken

pytestmark = pytest.mark.usefixtures("few_points")


def error(layers, inner, outputs):
    """How far a narrower neck puts the head's input off on other pages, as a share of its variance."""
    neck = necks.read(layers)
    new = narrow.narrowed(neck, taken(neck), inner, outputs, np.random.default_rng(0))
    given = taken(neck, seed=1)
    wanted = run(neck.layers, given, keep=["head"])["head"]
    found = run(with_weights(neck.layers, new), given, keep=["head"])["head"]
    return float((found - wanted).square().mean() / wanted.var())


def test_a_neck_of_the_full_width_gives_what_the_original_gives(necked):
    assert error(necked, INNER, OUTPUTS) < 1e-4


def test_less_width_errs_more(necked):
    errors = [error(necked, inner, outputs) for inner, outputs in ((INNER, OUTPUTS), (6, 3), (3, 2))]
    assert errors == sorted(errors)
    assert errors[-1] > 0.01


def redundant(layers):
    """The same layers, the second half of the channels of each scale and of its outputs twice the first half."""

    def doubled(layer):
        half = len(layer.bias) // 2
        weights, bias = layer.weights.copy(), layer.bias.copy()
        factor = 1 if layer.output.endswith("-excite") else 2
        weights[half:], bias[half:] = factor * weights[:half], factor * bias[:half]
        return replace(layer, weights=weights, bias=bias)

    return [
        doubled(layer) if layer.output.startswith(("inner-", "out-")) and layer.output.endswith(("-plain", "-excite"))
        else layer
        for layer in layers
    ]  # fmt: skip


def test_channels_that_say_the_same_are_dispensed_with(necked):
    half = INNER // 2, OUTPUTS // 2
    assert error(redundant(necked), *half) < 1e-3
    assert error(necked, *half) > 10 * error(redundant(necked), *half)


def test_all_that_reads_fewer_channels_is_narrower(necked):
    neck = necks.read(necked)
    new = narrow.narrowed(neck, taken(neck), 5, 3, np.random.default_rng(0))
    assert new.keys() == weights_of(neck.layers).keys()
    for scale in neck.scales:
        assert len(new[scale.inner.convolution][0]) == 5
        assert new[scale.inner.squeeze][0].shape == (4, 5, 1, 1)
        assert new[scale.out.convolution][0].shape == (3, 5, 3, 3)
        assert new[scale.out.excite][0].shape == (3, 4, 1, 1)
    assert new["head"][0].shape == (6, 9, 3, 3)
    assert torch.equal(new["logits"][0], weights_of(neck.layers)["logits"][0])


def test_the_same_pages_and_seed_give_the_same_neck(necked):
    neck = necks.read(necked)
    one, other = (narrow.narrowed(neck, taken(neck), 5, 3, np.random.default_rng(3)) for _ in range(2))
    assert all(torch.equal(a, b) for name in one for a, b in zip(one[name], other[name], strict=True))
