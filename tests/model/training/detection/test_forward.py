import pytest
import torch

from edgeocr.model.training.detection.forward import run, weights_of, with_weights
from tests.model.training.detection.conftest import SOURCE


@pytest.fixture
def given():
    return {SOURCE: torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 50}


def test_only_results_and_what_is_to_be_kept_are_returned(layers, given):
    assert set(run(layers, given)) == {"q"}
    assert set(run(layers, given, keep=["g", "n"])) == {"g", "n", "q"}


def test_weights_take_the_place_of_the_layers_own(layers, given):
    doubled = {"p": tuple(2 * value for value in weights_of(layers)["p"])}
    before, after = (run(layers, given, weights=weights, keep=["p"])["p"] for weights in (None, doubled))
    torch.testing.assert_close(after, 2 * before)
    torch.testing.assert_close(run(with_weights(layers, doubled), given)["q"], after.sigmoid())


def test_given_weights_learn_and_no_others(layers, given):
    weights = {name: (values.requires_grad_(), bias) for name, (values, bias) in weights_of(layers).items()}
    run(layers, given, weights=weights)["q"].sum().backward()
    assert all(values.grad is not None for values, _ in weights.values())
    assert not run(layers, given)["q"].requires_grad


def test_weights_of_another_network_are_refused(layers):
    with pytest.raises(ValueError, match="weights of b, elsewhere"):
        with_weights(layers, dict.fromkeys(["b", "elsewhere", "p"], weights_of(layers)["p"]))
