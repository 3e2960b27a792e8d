"""The accurate recogniser's neck as a graph: matrices are in integers, the values between them, some thousand per line,
in floats.

Layer norms, the LSTM's gates and attention's weights have no integer kernels, and the rest is not worth two roundings.
Attention stays in floats: its matrices have a hundredth of the backbone's multiplications.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from edgeocr.model.training.integer.graphs.writer import Bytes, GraphWriter, quantised_rows
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks.backbone import SMALL
from edgeocr.model.training.networks.crnn import Neck, RecurrentNeck
from edgeocr.model.training.networks.teacher import HEADS, WIDTH, Attention, Mixing

_BRANCHES = "branches"
PARTS = (_BRANCHES, "lstm", "head")
"""The parts that may be in integers or in floats, each independently."""


def write_neck(
    graph: GraphWriter, neck: Neck, features: Bytes, ranges: Mapping[str, Range], floats: Collection[str] = ()
) -> str:
    """Add everything from features (N×1×T×384) to the head's input (N×T×120); `floats` are parts that stay floats."""
    branches = neck.branches
    entering = replace(features, name=reshape(graph, "neck.features", features.name, (0, -1, SMALL.features)))
    flat = graph.node("DequantizeLinear", graph.operand(entering), ["neck.floats"]) if _BRANCHES in floats else entering
    weight = torch.cat((branches.direct.weight, branches.reduce.weight)).squeeze(2)
    bias = torch.cat((_bias(branches.direct), _bias(branches.reduce)))
    both = _silu(graph, matrix(graph, "neck.branches", flat, weight, bias))
    sizes = graph.constant("neck.road_sizes", np.array([WIDTH, WIDTH], np.int64))
    graph.node("Split", [both, sizes], ["neck.direct", "neck.reduced"], axis=2)
    near = _silu(graph, _near(graph, branches.near, "neck.reduced"))
    reduced = graph.node("Add", ["neck.reduced", near], ["neck.near_sum"])
    mixed = _mixing(graph, "neck.mixing", neck.mixing, reduced)
    states = lstm(graph, neck, _norm(graph, "neck.norm_in", mixed, neck.norm_in), "lstm" in floats)
    known_states = states if _BRANCHES in floats else graph.quantise("neck.states", states, ranges["neck.states"])
    added = matrix(graph, "neck.out", known_states, neck.out.weight, neck.out.bias)
    combined = graph.node("Add", [mixed, added], ["neck.combined"])
    attended = _attention(graph, "neck.attention", neck.attention, combined)
    return graph.node("Add", [_norm(graph, "neck.norm_out", attended, neck.norm_out), "neck.direct"], ["neck.read"])


def _bias(layer: nn.Conv1d) -> torch.Tensor:
    assert layer.bias is not None
    return layer.bias


def reshape(graph: GraphWriter, name: str, x: str, shape: Sequence[int]) -> str:
    """Reshape a tensor."""
    return graph.node("Reshape", [x, graph.constant(f"{name}.shape", np.array(shape, np.int64))], [name])


def matrix(graph: GraphWriter, name: str, x: Bytes | str, weight: torch.Tensor, bias: torch.Tensor) -> str:
    """Multiply bytes by a quantised matrix, out×in, or floats by a float one; the result is in floats."""
    added = graph.constant(f"{name}.bias", bias.detach().numpy())
    if isinstance(x, str):
        matrix = graph.constant(f"{name}.weight", np.ascontiguousarray(weight.detach().numpy().T))
        return graph.node("Add", [graph.node("MatMul", [x, matrix], [f"{name}.product"]), added], [name])
    rows, scale = quantised_rows(weight.detach().numpy())
    inputs = (
        x.name,
        graph.constant(f"{name}.weight", np.ascontiguousarray(rows.T)),
        graph.number(x.scale),
        graph.constant(f"{name}.weight_scale", scale),
        graph.byte(x.zero_point),
        graph.constant(f"{name}.weight_zero", np.array(0, np.int8)),
        added,
    )
    return graph.node("MatMulIntegerToFloat", inputs, [name], microsoft=True)


def _silu(graph: GraphWriter, x: str) -> str:
    return graph.node("QuickGelu", [x], [f"{x}.silu"], microsoft=True, alpha=1.0)


def _norm(graph: GraphWriter, name: str, x: str, layer: nn.LayerNorm) -> str:
    inputs = [
        x,
        graph.constant(f"{name}.weight", layer.weight.detach().numpy()),
        graph.constant(f"{name}.bias", layer.bias.detach().numpy()),
    ]
    return graph.node("LayerNormalization", inputs, [name], axis=-1, epsilon=layer.eps)


def _mixing(graph: GraphWriter, name: str, block: Mixing, x: str) -> str:
    """Attention's heads, in floats: one operator, which includes the scaling by the root of their width."""
    inputs = [
        _norm(graph, f"{name}.norm1", x, block.norm1),
        graph.constant(f"{name}.qkv.weight", np.ascontiguousarray(block.qkv.weight.detach().numpy().T)),
        graph.constant(f"{name}.qkv.bias", block.qkv.bias.detach().numpy()),
    ]
    heads = graph.node("Attention", inputs, [f"{name}.heads"], microsoft=True, num_heads=HEADS)
    seen = matrix(graph, f"{name}.out", heads, block.out.weight, block.out.bias)
    return graph.node("Add", [x, seen], [f"{name}.sum"])


def _attention(graph: GraphWriter, name: str, block: Attention, x: str) -> str:
    """The whole attention block, in floats."""
    x = _mixing(graph, name, block, x)
    wide = matrix(graph, f"{name}.widen", _norm(graph, f"{name}.norm2", x, block.norm2), block.widen.weight,
                   block.widen.bias)  # fmt: skip
    narrow = matrix(graph, f"{name}.narrow", _silu(graph, wide), block.narrow.weight, block.narrow.bias)
    return graph.node("Add", [x, narrow], [name])


def _near(graph: GraphWriter, layer: nn.Conv1d, x: str) -> str:
    across = graph.node("Transpose", [x], ["neck.across"], perm=[0, 2, 1])
    inputs = [
        across,
        graph.constant("neck.near.weight", layer.weight.detach().numpy()),
        graph.constant("neck.near.bias", _bias(layer).detach().numpy()),
    ]
    near = graph.node("Conv", inputs, ["neck.near_across"], group=WIDTH, kernel_shape=[7], pads=[3, 3])
    return graph.node("Transpose", [near], ["neck.near"], perm=[0, 2, 1])


def lstm(graph: GraphWriter, neck: RecurrentNeck, x: str, in_floats: bool) -> str:
    """Both directions; the operator's input is T×N×C. Returns N×T×2·hidden."""
    name, x = "neck.lstm", graph.node("Transpose", [x], ["neck.by_step"], perm=[1, 0, 2])
    weights = [_gates(neck.lstm, f"weight_{kind}_l0") for kind in ("ih", "hh")]
    bias = np.concatenate([_gates(neck.lstm, f"bias_{kind}_l0") for kind in ("ih", "hh")], axis=1)
    (_lstm_floats if in_floats else _lstm_bytes)(graph, name, x, weights, bias)
    turned = graph.node("Transpose", [name], [f"{name}.turned"], perm=[2, 0, 1, 3])
    return reshape(graph, f"{name}.both", turned, (0, 0, 2 * neck.lstm.hidden_size))


def _lstm_floats(
    graph: GraphWriter, name: str, x: str, weights: list[NDArray[np.float32]], bias: NDArray[np.float32]
) -> None:
    constants = (*zip(("input_weight", "recurrent_weight"), weights, strict=True), ("bias", bias))
    inputs = [x, *(graph.constant(f"{name}.{what}", values) for what, values in constants)]
    graph.node("LSTM", inputs, [name], hidden_size=weights[1].shape[2], direction="bidirectional")


def _lstm_bytes(
    graph: GraphWriter, name: str, x: str, weights: list[NDArray[np.float32]], bias: NDArray[np.float32]
) -> None:
    """DynamicQuantizeLSTM: each step's input and state are quantised by their own extremes, gates are floats."""
    (w, w_scale), (r, r_scale) = (_transposed_rows(weight) for weight in weights)
    # Each zero is a constant of its own: ONNX Runtime's conversion to unsigned weights fails with shared ones.
    inputs = [
        x,
        graph.constant(f"{name}.input_weight", w),
        graph.constant(f"{name}.recurrent_weight", r),
        graph.constant(f"{name}.bias", bias),
        *[""] * 4,
        graph.constant(f"{name}.input_scale", w_scale),
        graph.constant(f"{name}.input_zero", np.zeros(w_scale.shape, np.int8)),
        graph.constant(f"{name}.recurrent_scale", r_scale),
        graph.constant(f"{name}.recurrent_zero", np.zeros(r_scale.shape, np.int8)),
    ]
    hidden = r.shape[1]
    graph.node("DynamicQuantizeLSTM", inputs, [name], microsoft=True, hidden_size=hidden, direction="bidirectional")


def _gates(lstm: nn.LSTM, name: str) -> NDArray[np.float32]:
    """A parameter of both directions, 2×4H×…, its gates in ONNX' order (input, output, forget, cell)."""
    ordered = []
    for direction in ("", "_reverse"):
        parts = getattr(lstm, name + direction).detach().chunk(4)
        ordered.append(torch.cat([parts[0], parts[3], parts[1], parts[2]]))
    return np.asarray(torch.stack(ordered).numpy())


def _transposed_rows(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """2×4H×C weights as bytes 2×C×4H, and a scale for each gate of each unit."""
    parts = [quantised_rows(direction) for direction in weight]
    rows = np.stack([np.ascontiguousarray(part[0].T) for part in parts])
    return rows, np.stack([part[1] for part in parts])
