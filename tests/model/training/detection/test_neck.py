import pytest
import torch

from edgeocr.model.training.detection import neck as necks
from edgeocr.model.training.detection.forward import run, weights_of
from edgeocr.model.training.detection.layers import Kind
from tests.model.training.detection.conftest import SOURCE


def test_the_parts_of_a_neck_are_found_by_how_they_are_connected(necked):
    neck = necks.read(necked)
    assert neck.taken == ["coarse", "middle", "fine"]
    assert [scale.summed for scale in neck.scales] == ["inner-coarse", "sum-middle", "sum-fine"]
    assert [scale.inner.convolution for scale in neck.scales] == [
        "inner-coarse-plain", "inner-middle-plain", "inner-fine-plain",
    ]  # fmt: skip
    last = neck.scales[-1].out
    assert (last.convolution, last.mean) == ("out-fine-plain", "out-fine-mean")
    assert (last.squeeze, last.excite) == ("out-fine-squeeze", "out-fine-excite")
    assert (neck.joined, neck.head, neck.logits) == ("joined", "head", "logits")
    assert [layer.output for layer in neck.behind_head] == ["half", "logits", "map"]


def test_backbone_and_neck_are_the_whole_network(necked):
    neck = necks.read(necked)
    given = {SOURCE: torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 50}
    between = run(neck.backbone, given, keep=neck.taken)
    parted = run(neck.layers, {name: between[name] for name in neck.taken})
    assert torch.equal(parted["map"], run(necked, given)["map"])


def test_networks_without_such_a_neck_are_refused(necked, layers):
    with pytest.raises(ValueError, match="joins no scales"):
        necks.read([layer for layer in layers if layer.kind is not Kind.CONCAT])
    with pytest.raises(ValueError, match="f: a conv in place of a gate"):
        necks.read(layers)


def test_kept_weights_are_read_back(necked, tmp_path):
    weights = weights_of(necked)
    necks.save(weights, tmp_path / "folder" / "neck.pt")
    kept = necks.load(tmp_path / "folder" / "neck.pt")
    assert kept.keys() == weights.keys()
    assert all(torch.equal(a, b) for name in kept for a, b in zip(kept[name], weights[name], strict=True))
