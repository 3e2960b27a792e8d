import numpy as np
import pytest

from edgeocr.model.training.networks.pair_steps import MOST_TOGETHER, pair_steps, within_pairs


def together(steps):
    """The most that two neighbours of one sign make."""
    count = len(steps)
    flat = steps.astype(int).transpose(0, 2, 3, 1).reshape(count, -1)
    pairs = np.pad(flat, ((0, 0), (0, flat.shape[1] % 2))).reshape(count, -1, 2)
    return max(np.maximum(pairs, 0).sum(2).max(), np.maximum(-pairs, 0).sum(2).max())


@pytest.mark.parametrize("shape", [(16, 12, 3, 2), (8, 3, 3, 3), (24, 96, 1, 1), (4, 1, 5, 5)])
@pytest.mark.parametrize("spread", ["normal", "extremes"])
def test_no_two_neighbours_overflow_and_weights_stay_what_they_are(shape, spread):
    random = np.random.default_rng(0)
    weights = random.normal(0, 0.02, shape) if spread == "normal" else random.choice((-0.3, 0.3), shape)
    steps, sizes = pair_steps(weights)
    assert together(steps) <= MOST_TOGETHER
    assert np.abs(steps.astype(int)).max() <= 127
    error = np.abs(steps * sizes - weights)
    assert (error.reshape(shape[0], -1).max(1) <= 0.5 * np.abs(weights).reshape(shape[0], -1).max(1)).all()
    assert np.sqrt((error**2).mean()) <= 0.02 * np.sqrt((weights**2).mean())


def test_weights_without_such_neighbours_take_all_steps():
    steps, sizes = pair_steps(np.array([1.0, -1.0, 0.5, 0.25]).reshape(1, 4, 1, 1))
    assert np.abs(steps).max() > 100
    assert np.allclose((steps * sizes).ravel(), [1.0, -1.0, 0.5, 0.25], atol=0.005)


def test_an_excess_is_shared_by_both():
    assert within_pairs(np.array([[127.0, 127.0, -100.0, -31.0, 90.0, -90.0]])).tolist() == [
        [64.0, 64.0, -98.0, -30.0, 90.0, -90.0]
    ]


def test_channels_of_nothing_have_no_steps():
    steps, sizes = pair_steps(np.zeros((2, 4, 1, 1)))
    assert not steps.any()
    assert (sizes > 0).all()
