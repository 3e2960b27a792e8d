"""The fast recogniser's neck as a graph: the convolution before the LSTM stays in floats, as it has a two-hundredth of
the backbone's multiplications; the rest is as in the accurate recogniser.
"""

from collections.abc import Mapping
from dataclasses import replace

from edgeocr.model.training.integer.graphs.neck import lstm, matrix, reshape
from edgeocr.model.training.integer.graphs.writer import Bytes, GraphWriter
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks.backbone import TINY
from edgeocr.model.training.networks.fast import FastNeck
from edgeocr.model.training.networks.tiny import NEAR_STEPS


def write_fast_neck(graph: GraphWriter, neck: FastNeck, features: Bytes, ranges: Mapping[str, Range]) -> str:
    """Add everything from features (N×1×T×160) to the head's input (N×T×80); returns its name."""
    entering = replace(features, name=reshape(graph, "neck.features", features.name, (0, -1, TINY.features)))
    floats = graph.node("DequantizeLinear", graph.operand(entering), ["neck.floats"])
    states = lstm(graph, neck, _near(graph, neck, floats), in_floats=False)
    known = graph.quantise("neck.states", states, ranges["neck.states"])
    return matrix(graph, "neck.out", known, neck.out.weight, neck.out.bias)


def _near(graph: GraphWriter, neck: FastNeck, x: str) -> str:
    layer = neck.near
    assert layer.bias is not None
    inputs = [
        graph.node("Transpose", [x], ["neck.across"], perm=[0, 2, 1]),
        graph.constant("neck.near.weight", layer.weight.detach().numpy()),
        graph.constant("neck.near.bias", layer.bias.detach().numpy()),
    ]
    pad = NEAR_STEPS // 2
    graph.node("Conv", inputs, ["neck.near"], group=TINY.features, kernel_shape=[NEAR_STEPS], pads=[pad, pad])
    gate = graph.node("HardSigmoid", ["neck.near"], ["neck.gate"], alpha=1 / 6, beta=0.5)
    gated = graph.node("Mul", ["neck.near", gate], ["neck.gated"])
    return graph.node("Transpose", [gated], ["neck.seen"], perm=[0, 2, 1])
