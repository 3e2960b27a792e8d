"""The part of the backbone in floats, as a graph: N×C×H×W, from pixels to the first quantised result."""

from typing import Any

from torch import nn

from edgeocr.model.training.integer.graphs.writer import FLOAT, Bytes, GraphWriter
from edgeocr.model.training.integer.ranges import LEVELS, Range
from edgeocr.model.training.networks.backbone import Excite


class FrontWriter:
    """Writes float operators; tensors are represented by their names."""

    def __init__(self, graph: GraphWriter) -> None:
        self._graph = graph

    def entered(self, pixels: Bytes) -> str:
        """Pixels, N×H×W×3 bytes, as the network's −1…1, N×3×H×W."""
        graph = self._graph
        planes = graph.node("Transpose", [pixels.name], ["front.planes"], perm=[0, 3, 1, 2])
        floats = graph.node("Cast", [planes], ["front.floats"], to=FLOAT)
        scaled = graph.node("Mul", [floats, graph.number(2 / LEVELS)], ["front.scaled"])
        return graph.node("Add", [scaled, graph.number(-1.0)], ["front.entered"])

    def convolve(self, name: str, x: str, layer: nn.Conv2d) -> str:
        """Convolve."""
        assert layer.bias is not None
        pads: Any = layer.padding
        inputs = [
            x,
            self._graph.constant(f"{name}.weight", layer.weight.detach().numpy()),
            self._graph.constant(f"{name}.bias", layer.bias.detach().numpy()),
        ]
        shape = list(layer.kernel_size)
        return self._graph.node(
            "Conv", inputs, [name], strides=list(layer.stride), pads=[*pads, *pads], group=layer.groups,
            kernel_shape=shape,
        )  # fmt: skip

    def gate(self, name: str, x: str) -> str:
        """x·σ(x)."""
        return self._graph.node("QuickGelu", [x], [name], microsoft=True, alpha=1.0)

    def excite(self, name: str, x: str, layer: Excite) -> str:
        """Scale each channel by a gate computed from the whole line."""
        graph = self._graph
        mean = graph.node("GlobalAveragePool", [x], [f"{name}.mean"])
        squeezed = graph.node("Relu", [self.convolve(f"{name}.squeezed", mean, layer.squeeze)], [f"{name}.squeeze"])
        wide = self.convolve(f"{name}.wide", squeezed, layer.excite)
        gate = graph.node("HardSigmoid", [wide], [f"{name}.gate"], alpha=1 / 6, beta=0.5)
        return graph.node("Mul", [x, gate], [f"{name}.floats"])

    def left(self, name: str, x: str, range_: Range) -> Bytes:
        """Quantise to bytes of a range, N×H×W×C."""
        last = self._graph.node("Transpose", [x], [f"{name}.last"], perm=[0, 2, 3, 1])
        return self._graph.quantise(name, last, range_)
