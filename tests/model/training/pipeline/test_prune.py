import copy

import numpy as np
import pytest
import torch

from edgeocr.model.training.data.lines import LineMaker
from edgeocr.model.training.distillation import prune
from edgeocr.model.training.integer import calibration
from edgeocr.model.training.networks.backbone import Backbone, Block
from edgeocr.model.training.networks.crnn import Crnn, Neck
from edgeocr.model.training.networks.tensors import Image

_INNER = (192, 192, 192, 192, *[384] * 6, 384, 768, 768)
"""Inner channels of the pairs before anything is cut."""

_WIDTHS = (
    *[12 * (96 + 96)] * 3, 6 * (96 + 192), *[6 * (192 + 192)] * 6, 3 * (192 + 384), *[3 * (384 + 384)] * 2,
)  # fmt: skip
"""Multiplications of one inner channel: rows × (channels in + channels out)."""


@pytest.fixture(scope="session")
def images(maker: LineMaker) -> list[Image]:
    lines = (maker.line(index).image for index in range(40))
    return [line for line in lines if 200 < line.shape[1] <= 320][:4]


@pytest.fixture
def network() -> Crnn:
    """Of the real shape, its pairs made to matter as much as what they are added to."""
    torch.manual_seed(1)
    made = Crnn(Backbone(), Neck(8), 20).eval()
    with torch.no_grad():
        for block in made.backbone.blocks:
            assert isinstance(block, Block)
            block.widen.weight.mul_(6)
            block.narrow.weight.mul_(6)
    return made


def _prices(network: Crnn, images: list[Image]) -> list[list[float]]:
    options = prune.all_cuts(network.backbone, prune.moments(network.backbone, images))
    return prune.prices(network, options, calibration.batch(images, 2))


def _loss_of_first_cut(block: Block, inner: np.ndarray) -> float:
    """Squared error of the output, as a share of its power, once the first group of channels went."""
    rows = np.concatenate((inner, np.ones((1, inner.shape[1]))))
    cut = prune.cuts(block, prune.Moments(rows @ rows.T, inner.shape[1]))[1]
    weight, bias = block.narrow.weight.detach().numpy()[:, :, 0, 0], block.narrow.bias
    assert bias is not None
    wanted = weight @ inner + bias.detach().numpy()[:, None]
    found = cut.narrow @ inner[cut.kept] + cut.bias[:, None]
    assert len(cut.kept) == len(inner) - prune.GROUP
    return float(((found - wanted) ** 2).mean() / wanted.var())


def test_redundant_channels_are_pruned_without_loss(network: Crnn) -> None:
    block = network.backbone.blocks[4]
    assert isinstance(block, Block)
    inner = np.random.default_rng(0).normal(1, 1, (384, 4000))
    assert _loss_of_first_cut(block, inner) > 0.01
    inner[-prune.GROUP :] = inner[: prune.GROUP]
    assert _loss_of_first_cut(block, inner) < 1e-4


def test_larger_cuts_have_larger_errors(network: Crnn, images: list[Image]) -> None:
    prices = _prices(network, images)
    assert all(price[0] == 0.0 for price in prices)
    assert sum(price[-1] for price in prices) > 2 * sum(price[1] for price in prices) > 0


def test_pruned_network_has_fewer_multiplications_and_the_whole_one_stays(network: Crnn, images: list[Image]) -> None:
    before = copy.deepcopy(network.state_dict())
    student, left = prune.pruned(network, images, calibration.batch(images, 2), share=0.1)
    assert left == [block.widen.out_channels for block in student.backbone.blocks if isinstance(block, Block)]
    costs = [rows * columns for rows, columns in zip(left, _WIDTHS, strict=True)]
    assert sum(costs) <= 0.9 * sum(rows * columns for rows, columns in zip(_INNER, _WIDTHS, strict=True))
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    with torch.no_grad():
        assert student(calibration.batch(images, 2)).shape == (2, 40, 20)


def test_cheapest_cuts_are_chosen_first() -> None:
    errors = [[0.0, 5.0, 9.0], [0.0, 1.0, 3.0], [0.0, 4.0, 5.0]]
    costs = [[10.0, 8.0, 6.0]] * 3
    assert prune.choose(errors, costs, 0.1) == [0, 2, 0]
    assert prune.choose(errors, costs, 0.2) == [0, 2, 1]


def test_no_more_can_be_cut_than_there_is() -> None:
    with pytest.raises(ValueError, match="90%"):
        prune.choose([[0.0, 0.1]], [[4.0, 3.0]], 0.9)
