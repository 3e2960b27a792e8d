"""A small detector with every kind of layer that the real one has."""

import numpy as np
import pytest

from edgeocr.model.training.detection.layers import Kind, Layer

SOURCE = "x"
ZERO_PIXEL = 100


@pytest.fixture
def layers() -> list[Layer]:
    rng = np.random.default_rng(3)

    def convolution(source, output, inputs, outputs, size=3, stride=1, groups=1, **clamp):
        weights = rng.normal(0, 1 / np.sqrt(inputs * size * size / groups), (outputs, inputs // groups, size, size))
        return Layer(
            Kind.CONV, (source,), output, weights.astype(np.float32), rng.normal(0, 0.3, outputs).astype(np.float32),
            stride=stride, pad=size // 2, groups=groups, **clamp,
        )  # fmt: skip

    def transposed(source, output, inputs, outputs, **clamp):
        weights = rng.normal(0, 1 / np.sqrt(inputs), (inputs, outputs, 2, 2)).astype(np.float32)
        return Layer(Kind.UPCONV, (source,), output, weights, np.full(outputs, 0.1, np.float32), stride=2, **clamp)

    first = convolution(SOURCE, "a", 3, 8, stride=2)
    first.weights[...] /= 60
    return [
        first,
        Layer(Kind.HARD_SWISH, ("a",), "b"),
        convolution("b", "c", 8, 8, groups=8, low=0.0),
        convolution("c", "d", 8, 8, size=1),
        Layer(Kind.ADD, ("b", "d"), "e"),
        convolution("e", "f", 8, 24, stride=2),
        convolution("f", "g", 24, 24, stride=2, groups=24),
        Layer(Kind.MEAN, ("g",), "h"),
        convolution("h", "i", 24, 6, size=1, low=0.0),
        convolution("i", "j", 6, 24, size=1, low=0.0, high=1.0),
        Layer(Kind.GATE, ("g", "j"), "k"),
        Layer(Kind.UPSAMPLE, ("k",), "l", factor=2),
        Layer(Kind.CONCAT, ("l", "f"), "m"),
        convolution("m", "n", 48, 8, low=0.0),
        transposed("n", "o", 8, 8, low=0.0),
        transposed("o", "p", 8, 1),
        Layer(Kind.SIGMOID, ("p",), "q"),
    ]
