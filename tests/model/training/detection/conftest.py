"""Small detectors: one with every kind of layer that the real one has, one with a neck of three scales."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from edgeocr.model.training.detection import narrow
from edgeocr.model.training.detection.forward import run
from edgeocr.model.training.detection.layers import Kind, Layer
from edgeocr.model.training.detection.neck import Neck
from edgeocr.model.training.detection.published import planes

SOURCE = "x"
ZERO_PIXEL = 100


# Of so small layers a second thread makes nothing faster, and on a busy machine much slower.
torch.set_num_threads(1)

INNER, OUTPUTS = 8, 4
"""Channels of the neck and of each of its scales."""


class _Drawn:
    """Convolutions with drawn weights."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def convolution(self, source, output, inputs, outputs, size=3, stride=1, groups=1, **clamp):
        deviation = 1 / np.sqrt(inputs * size * size / groups)
        weights = self._rng.normal(0, deviation, (outputs, inputs // groups, size, size)).astype(np.float32)
        bias = self._rng.normal(0, 0.3, outputs).astype(np.float32)
        return Layer(
            Kind.CONV, (source,), output, weights, bias, stride=stride, pad=size // 2, groups=groups, **clamp
        )  # fmt: skip

    def transposed(self, source, output, inputs, outputs, **clamp):
        weights = self._rng.normal(0, 1 / np.sqrt(inputs), (inputs, outputs, 2, 2)).astype(np.float32)
        return Layer(Kind.UPCONV, (source,), output, weights, np.full(outputs, 0.1, np.float32), stride=2, **clamp)

    def gated(self, source, name, inputs, outputs, size):
        """A convolution and its excitation; the result is named after it."""
        return [
            self.convolution(source, f"{name}-plain", inputs, outputs, size),
            Layer(Kind.MEAN, (f"{name}-plain",), f"{name}-mean"),
            self.convolution(f"{name}-mean", f"{name}-squeeze", outputs, 4, size=1, low=0.0),
            self.convolution(f"{name}-squeeze", f"{name}-excite", 4, outputs, size=1, low=0.0, high=1.0),
            Layer(Kind.GATE, (f"{name}-plain", f"{name}-excite"), name),
        ]


@pytest.fixture
def layers() -> list[Layer]:
    drawn = _Drawn(3)
    convolution, transposed = drawn.convolution, drawn.transposed
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


@pytest.fixture
def necked() -> list[Layer]:
    """A backbone with results at three scales, and a neck that reads them, coarsest first."""
    drawn = _Drawn(6)
    first = drawn.convolution(SOURCE, "fine", 3, 16, stride=4)
    first.weights[...] /= 60
    return [
        first,
        drawn.convolution("fine", "middle", 16, 16, stride=2, low=0.0),
        drawn.convolution("middle", "coarse", 16, 24, stride=2, low=0.0),
        *drawn.gated("coarse", "inner-coarse", 24, INNER, 1),
        *drawn.gated("middle", "inner-middle", 16, INNER, 1),
        *drawn.gated("fine", "inner-fine", 16, INNER, 1),
        Layer(Kind.UPSAMPLE, ("inner-coarse",), "coarse-larger", factor=2),
        Layer(Kind.ADD, ("inner-middle", "coarse-larger"), "sum-middle"),
        Layer(Kind.UPSAMPLE, ("sum-middle",), "middle-larger", factor=2),
        Layer(Kind.ADD, ("inner-fine", "middle-larger"), "sum-fine"),
        *drawn.gated("inner-coarse", "out-coarse", INNER, OUTPUTS, 3),
        *drawn.gated("sum-middle", "out-middle", INNER, OUTPUTS, 3),
        *drawn.gated("sum-fine", "out-fine", INNER, OUTPUTS, 3),
        Layer(Kind.UPSAMPLE, ("out-coarse",), "out-coarse-larger", factor=4),
        Layer(Kind.UPSAMPLE, ("out-middle",), "out-middle-larger", factor=2),
        Layer(Kind.CONCAT, ("out-coarse-larger", "out-middle-larger", "out-fine"), "joined"),
        drawn.convolution("joined", "head", 3 * OUTPUTS, 6, low=0.0),
        drawn.transposed("head", "half", 6, 6, low=0.0),
        drawn.transposed("half", "logits", 6, 1),
        Layer(Kind.SIGMOID, ("logits",), "map"),
    ]


@pytest.fixture
def few_points(monkeypatch):
    """Least squares on fewer pixels than the real network needs."""
    for name in ("_CHOICE_POINTS", "_SCALE_POINTS", "_HEAD_POINTS"):
        monkeypatch.setattr(narrow, name, 1500)


def taken(neck: Neck, count: int = 24, seed: int = 0) -> dict[str, Tensor]:
    """What the neck is given on some images."""
    values = run(neck.backbone, {SOURCE: planes(pixels(count, seed=seed))}, keep=neck.taken)
    return {name: values[name] for name in neck.taken}


def pixels(count: int, side: int = 64, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth images, as pages have them, N×H×W×3."""
    coarse = torch.tensor(np.random.default_rng(seed).uniform(0, 255, (count, 3, side // 8, side // 8)))
    smooth = functional.interpolate(coarse, (side, side), mode="bilinear")
    return smooth.round().numpy().astype(np.uint8).transpose(0, 2, 3, 1).copy()
