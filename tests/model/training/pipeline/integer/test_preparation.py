"""What happens to a backbone in floats before it is rounded: gates, equal channels, weights that round together."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from edgeocr.model.training.integer import equalise, rounding
from edgeocr.model.training.integer.floats import row_steps
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks import gates, tensors
from edgeocr.model.training.networks.backbone import Backbone, Block
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.tensors import Image


@pytest.fixture
def published() -> Backbone:
    """A backbone with GELU whose gates matter."""
    torch.manual_seed(2)
    made = Backbone("gelu").eval()
    with torch.no_grad():
        for block in made.blocks:
            assert isinstance(block, Block)
            block.widen.weight.mul_(4)
    return made


def _features(backbone: Backbone, images: list[Image]) -> torch.Tensor:
    with torch.no_grad():
        return backbone(torch.tensor(tensors.to_input(images[:1])))


def _error(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((found - wanted).square().mean() / wanted.var())


def test_fitted_gate_is_nearer_to_gelu_than_one_slope_for_all() -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(3, 4000, generator=generator) * torch.tensor([[0.2], [1.0], [4.0]])
    gate = gates.fit_gate(values)
    fitted = gate.scale[:, None] * values * torch.sigmoid(gate.slope[:, None] * values) + gate.offset[:, None]
    plain = values * torch.sigmoid(1.702 * values)
    wanted = functional.gelu(values)
    assert ((fitted - wanted).square().mean(1) < 0.9 * (plain - wanted).square().mean(1)).all()


def test_folded_gates_leave_the_features_nearly_what_they_were(published: Backbone, images: list[Image]) -> None:
    wanted = _features(published, images)
    folded = gates.folded(published, gates.fit(published, images))
    for block in folded.blocks:
        assert isinstance(block, Block)
        assert isinstance(block.activation, torch.nn.SiLU)
    assert _error(_features(folded, images), wanted) < 1e-2


def test_equalised_channels_change_no_feature_in_floats(student: Crnn, images: list[Image]) -> None:
    backbone = student.backbone
    firsts, results = equalise.sizes(backbone, images)
    like = equalise.equalised(backbone, firsts, results, 0.5)
    assert _error(_features(like, images), _features(backbone, images)) < 1e-8


def test_equalised_channels_are_nearer_in_size(student: Crnn, images: list[Image]) -> None:
    def spread(sizes: torch.Tensor) -> float:
        return float(sizes.log().std())

    firsts, results = equalise.sizes(student.backbone, images)
    like = equalise.sizes(equalise.equalised(student.backbone, firsts, results, 0.5), images)
    assert spread(like[1][0]) < 0.8 * spread(results[0])
    assert spread(equalise.factors(firsts[0], 0.0)) == pytest.approx(0, abs=1e-6)


def test_jointly_rounded_weights_err_less_on_correlated_inputs() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, 1, (4, 2000)).repeat(8, 0) + rng.normal(0, 0.1, (32, 2000))
    weight = rng.normal(0, 1, (16, 32))
    scale = np.abs(weight).max(1) / 7
    nearest = np.rint(weight / scale[:, None]) * scale[:, None]
    found = rounding.rounded_by_moments(weight, scale, inputs @ inputs.T)
    steps = found / scale[:, None]
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    assert np.square((found - weight) @ inputs).mean() < 0.5 * np.square((nearest - weight) @ inputs).mean()


def test_only_matrices_of_the_backbone_are_rounded(
    student: Crnn, ranges: dict[str, Range], images: list[Image]
) -> None:
    before = {name: value.clone() for name, value in student.backbone.state_dict().items()}
    found = rounding.round_matrices(student.backbone, ranges, images)
    for name, value in student.backbone.state_dict().items():
        assert torch.equal(value, before[name])
    steps, _ = row_steps(found.get_submodule("blocks.4.narrow").weight.detach())
    assert torch.allclose(steps, steps.round(), atol=1e-3)
    assert torch.equal(found.get_submodule("stem.left").weight, before["stem.left.weight"])
