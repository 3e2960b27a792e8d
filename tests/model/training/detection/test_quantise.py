import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch.nn import functional

from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.detection.forward import run
from edgeocr.model.training.detection.layers import Kind, Layer
from edgeocr.model.training.detection.quantise import folded, integer_model, paired
from edgeocr.model.training.detection.ranges import adjusted, observe
from tests.model.training.detection.conftest import SOURCE, ZERO_PIXEL


def page(height, width, seed=0):
    """Smooth pixels, as pages have them, 1×H×W×3."""
    coarse = torch.tensor(np.random.default_rng(seed).uniform(0, 255, (1, 3, height // 16, width // 16)))
    smooth = functional.interpolate(coarse, (height, width), mode="bilinear")
    return smooth.round().numpy().astype(np.uint8).transpose(0, 2, 3, 1).copy()


def as_input(pixels):
    return {SOURCE: torch.tensor(pixels.transpose(0, 3, 1, 2)).float() - ZERO_PIXEL}


def integers(layers, pages):
    ranges = adjusted(layers, observe(layers, [as_input(pixels) for pixels in pages]))
    model = integer_model(layers, ranges, SOURCE, ZERO_PIXEL)
    onnx.checker.check_model(model)
    return model, onnxruntime.InferenceSession(
        exact_weights(model.SerializeToString()), providers=["CPUExecutionProvider"]
    )


def test_the_integer_network_gives_what_the_float_one_gives(layers):
    pages = [page(96, 160, seed) for seed in range(4)]
    _, session = integers(layers, pages)
    for pixels in (*pages, page(64, 96, 9)):
        (got,) = session.run(None, {"pixels": pixels})
        expected = run(layers, as_input(pixels))["q"][0, 0].numpy()
        assert got.dtype == np.uint8
        assert got.shape == pixels.shape[1:3] == expected.shape
        assert np.ptp(got) > 30
        assert np.abs(got / 255 - expected).mean() < 0.02
        assert np.abs(got / 255 - expected).max() < 0.15


def test_no_tensor_of_the_integer_network_is_a_float(layers):
    model, _ = integers(layers, [page(64, 64)])
    kinds = {node.op_type for node in model.graph.node}
    assert not {kind for kind in kinds if "Quantize" in kind or kind in {"Cast", "Conv", "Sigmoid"}}
    floats = [value for value in model.graph.initializer if value.data_type == onnx.TensorProto.FLOAT]
    used_as_scale = {name for node in model.graph.node if node.domain == "com.microsoft" for name in node.input}
    assert {value.name for value in floats} <= used_as_scale


def test_the_same_layers_and_ranges_give_the_same_file(layers):
    pages = [page(64, 64)]
    assert integers(layers, pages)[0].SerializeToString() == integers(layers, pages)[0].SerializeToString()


@pytest.mark.parametrize(("size", "stride", "groups"), [(3, 1, 1), (3, 2, 1), (1, 1, 1), (3, 1, 4), (5, 1, 4)])
def test_adjacent_pixels_as_channels_are_convolved_like_pixels(size, stride, groups):
    rng = np.random.default_rng(1)
    weights = rng.normal(size=(4, 4 // groups, size, size)).astype(np.float32)
    layer = Layer(Kind.CONV, ("x",), "y", weights, np.zeros(4, np.float32), stride=stride, pad=size // 2, groups=groups)
    x = torch.tensor(rng.normal(size=(1, 8, 16, 4)).astype(np.float32))
    plain = functional.conv2d(x.permute(0, 3, 1, 2), torch.tensor(weights), None, stride, size // 2, groups=groups)
    wide, left, right = paired(layer)
    beside = x.reshape(1, 8, -1, 2 * stride * 4).permute(0, 3, 1, 2)
    padded = functional.pad(beside, (left, right, size // 2, size // 2))
    result = functional.conv2d(padded, torch.tensor(wide), None, (stride, 1)).permute(0, 2, 3, 1)
    assert result.reshape(1, 8 // stride, 16 // stride, 4).permute(0, 3, 1, 2).numpy() == pytest.approx(
        plain.numpy(), abs=1e-4
    )


def test_transposed_convolutions_folded_into_channels_unfold_to_what_they_are():
    rng = np.random.default_rng(2)
    first, second = (rng.normal(size=shape).astype(np.float32) for shape in ((3, 5, 2, 2), (5, 1, 2, 2)))
    x = torch.tensor(rng.normal(size=(1, 3, 4, 6)).astype(np.float32))
    plain = functional.conv_transpose2d(
        functional.conv_transpose2d(x, torch.tensor(first), stride=2), torch.tensor(second), stride=2
    )
    once = functional.conv2d(x, torch.tensor(folded(first, 1)))
    twice = functional.conv2d(once, torch.tensor(folded(second, 2)))
    unfolded = twice.reshape(4, 4, 4, 6).permute(2, 0, 3, 1).reshape(16, 24)
    assert unfolded.numpy() == pytest.approx(plain[0, 0].numpy(), abs=1e-4)


def test_a_clamp_costs_no_operator(layers):
    def operators(changed):
        return len(integers(changed, [page(64, 64)])[0].graph.node)

    free = [dataclasses.replace(layer, low=-np.inf) if layer.high == np.inf else layer for layer in layers]
    assert operators(layers) == operators(free)
