import numpy as np
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.training.detection.forward import run
from edgeocr.model.training.detection.layers import Kind, on_pixels, read, sources


class Published:
    """A graph that spells its layers the way the published one does."""

    def __init__(self):
        self.rng = np.random.default_rng(4)
        self.nodes, self.constants = [], {}

    def constant(self, values):
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(values, np.float32)
        return name

    def node(self, kind, inputs, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [f"n{len(self.nodes)}"], **attributes))
        return self.nodes[-1].output[0]

    def convolution(self, x, inputs, outputs, size, stride=1, kind="Conv"):
        shape = (outputs, inputs, size, size) if kind == "Conv" else (inputs, outputs, size, size)
        weights = self.constant(self.rng.normal(0, 0.3, shape))
        pad = size // 2 if kind == "Conv" else 0
        return self.node(
            kind, [x, weights], kernel_shape=[size] * 2, strides=[stride] * 2, pads=[pad] * 4, group=1, dilations=[1, 1]
        )

    def norm(self, x, channels):
        values = [self.constant(self.rng.uniform(0.5, 1.5, channels)) for _ in range(4)]
        return self.node("BatchNormalization", [x, *values], epsilon=1e-5)

    def model(self, output, opset=12):
        initialisers = [numpy_helper.from_array(values, name) for name, values in self.constants.items()]
        graph = helper.make_graph(
            self.nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, None, None])],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], initialisers,
        )  # fmt: skip
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.fixture
def published():
    """Every idiom once."""
    p = Published()
    x = p.norm(p.convolution("x", 3, 8, 3, stride=2), 8)
    clipped = p.node("Clip", [p.node("Add", [x, p.constant([3.0])]), p.constant(0.0), p.constant(6.0)])
    x = p.node("Div", [p.node("Mul", [x, clipped]), p.constant([6.0])])
    y = p.node("Relu", [p.norm(p.convolution(x, 8, 8, 3), 8)])
    x = p.node("Add", [x, y])
    mean = p.convolution(p.node("GlobalAveragePool", [x]), 8, 8, 1)
    gate = p.node("HardSigmoid", [p.node("Add", [mean, p.constant(np.full((1, 8, 1, 1), 0.2))])], alpha=0.2, beta=0.5)
    x = p.node("Add", [x, p.node("Mul", [x, gate])])
    small = p.convolution(x, 8, 8, 3, stride=2)
    scales = p.constant([1, 1, 2, 2])
    large = p.node(
        "Resize",
        [small, p.constant([]), scales],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    x = p.convolution(p.node("Concat", [large, x], axis=1), 16, 8, 3)
    x = p.node("Relu", [p.norm(p.convolution(x, 8, 8, 2, stride=2, kind="ConvTranspose"), 8)])
    x = p.node(
        "Add", [p.convolution(x, 8, 1, 2, stride=2, kind="ConvTranspose"), p.constant(np.full((1, 1, 1, 1), 0.3))]
    )
    return p.model(p.node("Sigmoid", [x]))


def test_layers_calculate_what_the_graph_calculates(published):
    layers = read(published)
    assert list(sources(layers)) == ["x"]
    x = np.random.default_rng(0).normal(size=(1, 3, 32, 48)).astype(np.float32)
    (expected,) = onnxruntime.InferenceSession(published.SerializeToString()).run(None, {"x": x})
    (got,) = run(layers, {"x": torch.tensor(x)}).values()
    assert got.numpy() == pytest.approx(expected, abs=1e-4)


def test_idioms_become_one_layer_each(published):
    kinds = [layer.kind for layer in read(published)]
    assert {kind: kinds.count(kind) for kind in Kind} == {
        Kind.CONV: 5, Kind.UPCONV: 2, Kind.HARD_SWISH: 1, Kind.MEAN: 1, Kind.GATE: 1, Kind.ADD: 1, Kind.UPSAMPLE: 1,
        Kind.CONCAT: 1, Kind.SIGMOID: 1,
    }  # fmt: skip


def test_pixels_in_place_of_normalised_planes_give_the_same(published):
    layers = read(published)
    mean, deviation = np.array([0.4, 0.4, 0.4], np.float32), np.array([0.2, 0.3, 0.25], np.float32)
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, 32, 32)).astype(np.float32)
    planes = (pixels / 255 - mean.reshape(1, 3, 1, 1)) / deviation.reshape(1, 3, 1, 1)
    (expected,) = run(layers, {"x": torch.tensor(planes)}).values()
    (got,) = run(on_pixels(layers, mean, deviation, 102), {"x": torch.tensor(pixels - 102)}).values()
    assert got.numpy() == pytest.approx(expected.numpy(), abs=1e-4)


def test_an_unknown_operator_is_named():
    p = Published()
    with pytest.raises(ValueError, match="a Softmax is unknown here"):
        read(p.model(p.node("Softmax", [p.convolution("x", 3, 8, 3)])))


def test_a_norm_of_what_others_see_too_is_refused():
    p = Published()
    x = p.convolution("x", 3, 8, 3)
    with pytest.raises(ValueError, match="follows no convolution of its own"):
        read(p.model(p.node("Add", [x, p.node("Relu", [x])])))
