"""The graphs that are written calculate what the simulation in PyTorch says they do."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.integer import calibration, export, split
from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.floats import Floats, Rounded
from edgeocr.model.training.integer.graphs.neck import PARTS
from edgeocr.model.training.integer.graphs.recogniser import backbone, recogniser, with_float_backbone
from edgeocr.model.training.integer.pipeline import Quantised
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks import gates, onnx_file, tensors
from edgeocr.model.training.networks.backbone import TINY, Backbone
from edgeocr.model.training.networks.crnn import Crnn
from edgeocr.model.training.networks.fast import FastNeck
from edgeocr.model.training.networks.tensors import Image
from tests.model.training.pipeline.integer.conftest import CLASSES, relative_error


def _run(model: onnx.ModelProto, name: str, value: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(exact_weights(model.SerializeToString()), providers=["CPUExecutionProvider"])
    return session.run(None, {name: value})[0]


def test_topology_that_interpreters_get_is_the_backbones(student: Crnn, lines: torch.Tensor) -> None:
    with torch.no_grad():
        assert torch.allclose(look(student.backbone, lines, Floats()).squeeze(2), student.backbone(lines), atol=1e-5)


def test_integer_backbone_gives_the_bytes_of_the_simulation(
    student: Crnn, ranges: dict[str, Range], images: list[Image]
) -> None:
    seen = _run(backbone(student, ranges), "pixels", tensors.to_pixels(images[:2]))
    with torch.no_grad():
        simulated = look(student.backbone, torch.tensor(tensors.to_input(images[:2])), Rounded(ranges))
    meaning = ranges["features"]
    wanted = simulated.squeeze(2).permute(0, 2, 1).numpy() / meaning.scale + meaning.zero_point
    # Both round, now and then to different sides: by a step or two, not by more.
    assert np.abs(seen[:, 0] - wanted).mean() < 0.6


def test_integer_recogniser_is_near_the_float_network(
    student: Crnn, ranges: dict[str, Range], images: list[Image]
) -> None:
    logits = _run(recogniser(student, ranges), "pixels", tensors.to_pixels(images[:2]))
    with torch.no_grad():
        wanted = student(torch.tensor(tensors.to_input(images[:2]))).numpy()
    assert logits.shape == (2, 40, CLASSES)
    assert relative_error(logits, wanted) < 0.05


def test_wrong_range_changes_the_logits(student: Crnn, ranges: dict[str, Range], images: list[Image]) -> None:
    broken = {**ranges, "features": Range(20 * ranges["features"].low, 20 * ranges["features"].high)}
    with torch.no_grad():
        wanted = student(torch.tensor(tensors.to_input(images[:2]))).numpy()
    good = _run(recogniser(student, ranges), "pixels", tensors.to_pixels(images[:2]))
    bad = _run(recogniser(student, broken), "pixels", tensors.to_pixels(images[:2]))
    assert relative_error(bad, wanted) > 2 * relative_error(good, wanted)


@pytest.mark.parametrize("floats", [(), *((part,) for part in PARTS), PARTS])
def test_any_part_of_the_neck_may_stay_floats(
    student: Crnn, ranges: dict[str, Range], images: list[Image], tmp_path: Path, floats: tuple[str, ...]
) -> None:
    onnx_file.write(student.backbone, tmp_path / "backbone.onnx", {"features": {0: "batch", 2: "steps"}})
    lines = tensors.to_input(images[:2])
    model = with_float_backbone(student, tmp_path / "backbone.onnx", ranges, floats)
    with torch.no_grad():
        wanted = student(torch.tensor(lines)).numpy()
    assert relative_error(_run(model, "backbone/lines", lines), wanted) < (0.02 if floats == PARTS else 0.05)


def test_split_recogniser_gives_what_the_whole_gives(
    student: Crnn, ranges: dict[str, Range], images: list[Image], tmp_path: Path
) -> None:
    model = recogniser(student, ranges)
    expected = _run(model, "pixels", tensors.to_pixels(images[:2]))
    seeing, head = split.split(model)
    features = _run(seeing, "pixels", tensors.to_pixels(images[:2]))
    assert features.dtype == np.uint8
    found = _run(head, "head.input", features.reshape(-1, features.shape[2]))
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)
    for half, name in ((seeing, split.FILE), (head, split.HEAD_FILE)):
        onnx.save(half, str(tmp_path / name))
    np.testing.assert_array_equal(_run(split.whole(tmp_path), "pixels", tensors.to_pixels(images[:2])), expected)


def test_head_in_floats_is_not_split_off(student: Crnn, ranges: dict[str, Range]) -> None:
    with pytest.raises(ValueError, match="no product of integers"):
        split.split(recogniser(student, ranges, ("head",)))


def test_only_the_chosen_parts_are_floats(student: Crnn, ranges: dict[str, Range]) -> None:
    def kinds(model: onnx.ModelProto) -> set[str]:
        return {node.op_type for node in model.graph.node}

    assert "LSTM" not in kinds(recogniser(student, ranges))
    assert "Attention" in kinds(recogniser(student, ranges))
    assert {"LSTM", "MatMulIntegerToFloat"} <= kinds(recogniser(student, ranges, ("lstm",)))
    assert {"DynamicQuantizeLSTM", "MatMulIntegerToFloat"} <= kinds(recogniser(student, ranges, ("head",)))


def test_export_refuses_a_graph_that_differs_from_its_simulation(
    student: Crnn, ranges: dict[str, Range], images: list[Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quantised = Quantised(student, ranges)
    assert export.export(quantised, tmp_path, images[:2]) < 0.1
    wrong = {**ranges, "features": Range(ranges["features"].low, 2 * ranges["features"].high)}
    monkeypatch.setattr(export, "recogniser", lambda network, _: recogniser(network, wrong))
    monkeypatch.setattr(export, "Rounded", lambda _: Rounded({**ranges, "features": Range(-0.01, 0.01)}))
    with pytest.raises(ValueError, match="differ"):
        export.export(quantised, tmp_path, images[:2])


@pytest.fixture
def fast() -> Crnn:
    """A network of the fast recogniser's shape, prepared for quantisation."""
    torch.manual_seed(2)
    network = Crnn(Backbone("gelu", TINY), FastNeck(8), CLASSES).eval()
    with torch.no_grad():
        network.neck.out.weight.normal_(0, 0.1)
    return network


def test_gates_of_the_fast_recogniser_are_folded_into_the_layers_around(fast: Crnn, images: list[Image]) -> None:
    lines = torch.tensor(tensors.to_input(images[:2]))
    folded = gates.folded(fast.backbone, gates.fit(fast.backbone, images))
    assert not any(isinstance(module, torch.nn.GELU) for module in folded.modules())
    with torch.no_grad():
        assert relative_error(folded(lines).numpy(), fast.backbone(lines).numpy()) < 0.1
        assert torch.allclose(look(folded, lines, Floats()).squeeze(2), folded(lines), atol=1e-5)


def test_fast_recogniser_in_integers_is_near_the_float_network(fast: Crnn, images: list[Image]) -> None:
    fast.backbone = gates.folded(fast.backbone, gates.fit(fast.backbone, images))
    ranges = calibration.backbone_ranges(fast, images, "extremes")
    ranges |= calibration.neck_ranges(fast, ranges, images)
    seeing, head = split.split(recogniser(fast, ranges))
    steps = _run(seeing, "pixels", tensors.to_pixels(images[:2]))
    logits = _run(head, head.graph.input[0].name, steps.reshape(-1, steps.shape[2]))
    with torch.no_grad():
        wanted = fast(torch.tensor(tensors.to_input(images[:2]))).numpy()
    assert relative_error(logits.reshape(wanted.shape), wanted) < 0.1
