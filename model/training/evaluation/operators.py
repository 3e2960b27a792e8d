"""Lists the operators of a network after ONNX Runtime's optimisations, by element type.

Operators with float inputs or outputs are listed with the reason for it, so that one without a reason stands out.
Constants do not count: an integer operator has the scale of its numbers as a constant float.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from edgeocr.model.networks.session import session_options
from edgeocr.model.networks.x86_weights import exact_weights
from edgeocr.model.training.integer.split import whole

FLOATS = frozenset({"float", "float16", "bfloat16", "double"})
_RUNS = 3
_EVENT = "_kernel_time"

_BETWEEN = "between integer products, on a few thousand floats a line: not worth two roundings"
REASONS = {
    "Add": _BETWEEN,
    "Attention": "the softmax of attention has no integer kernel; its products are few",
    "Conv": _BETWEEN,
    "DequantizeLinear": "makes numbers of integers for an operator that takes nothing else",
    "DynamicQuantizeLSTM": "integer products; ONNX Runtime has no LSTM whose gates and state are integers too",
    "MatMul": _BETWEEN,
    "LayerNormalization": "has no integer kernel",
    "MatMulIntegerToFloat": "integer products whose sums are given as floats, without a rounding",
    "QuantizeLinear": "makes integers again of what such an operator gives",
    "QuickGelu": _BETWEEN,
    "Reshape": _BETWEEN,
    "Split": _BETWEEN,
    "Transpose": _BETWEEN,
}
"""Why an operator of an otherwise integer network is in floats, by its type."""

NO_REASON = "no reason known"


@dataclass(frozen=True)
class Operator:
    """Operators of one kind and of the same element types.

    Attributes:
        kind: domain and type, as "Concat" or "com.microsoft.QLinearConv".
        takes, gives: element types of inputs and outputs that are not constant, as "uint8".
        count: how many there are.
        seconds: their time together in the fastest of a few runs.
    """

    kind: str
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    count: int
    seconds: float

    @property
    def is_float(self) -> bool:
        """Whether an input or output is in floats."""
        return not FLOATS.isdisjoint((*self.takes, *self.gives))

    @property
    def reason(self) -> str:
        """Why it is in floats; empty if it is not."""
        return REASONS.get(self.kind.rpartition(".")[2], NO_REASON) if self.is_float else ""


def operators(model: onnx.ModelProto, side_pixels: int) -> list[Operator]:
    """The operators of a network as the server runs it on this machine, slowest first.

    Args:
        model: with one input, a batch of pixels.
        side_pixels: for dynamic sides of the input; the batch is one.
    """
    named = onnx.ModelProto()
    named.CopyFrom(model)
    # Profiles identify nodes by name, and names may be missing or not unique.
    for place, node in enumerate(named.graph.node):
        node.name = f"node {place}"
    with tempfile.TemporaryDirectory() as folder:
        options = session_options()
        options.optimized_model_filepath = f"{folder}/optimised.onnx"
        options.enable_profiling = True
        options.profile_file_prefix = f"{folder}/profile"
        # It would warn that the optimised file fits this machine only, which is intended.
        options.log_severity_level = 3
        content = exact_weights(named.SerializeToString())
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        (pixels,) = session.get_inputs()
        _, *sides = (side if isinstance(side, int) else side_pixels for side in pixels.shape)
        for _ in range(_RUNS):
            session.run(None, {pixels.name: np.zeros((1, *sides), np.uint8)})
        events = json.loads(Path(session.end_profiling()).read_text("utf-8"))
        optimised = onnx.load(options.optimized_model_filepath)
    return _grouped(optimised, pixels.type[len("tensor(") : -1], events)


def _grouped(model: onnx.ModelProto, input_type: str, events: Iterable[Mapping[str, Any]]) -> list[Operator]:
    """Nodes by kind and types, from the optimised graph and a profile of its runs."""
    seconds: dict[str, float] = {}
    types = {value.name: (input_type,) for value in model.graph.input}
    made = {}
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith(_EVENT):
            name = event["name"].removesuffix(_EVENT)
            seconds[name] = min(event["dur"] / 1e6, seconds.get(name, float("inf")))
            made[name] = [tuple(shape) for shape in event["args"]["output_type_shape"]]
    groups: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[float]] = {}
    for node in model.graph.node:
        gives = made.get(node.name, [])
        types.update(zip(node.output, gives, strict=False))
        takes = [types[name] for name in node.input if name in types]
        kind = ".".join(filter(None, (node.domain, node.op_type)))
        groups.setdefault((kind, _sorted(takes), _sorted(gives)), []).append(seconds.get(node.name, 0.0))
    found = [Operator(*key, count=len(times), seconds=sum(times)) for key, times in groups.items()]
    return sorted(found, key=lambda operator: -operator.seconds)


def _sorted(types: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({name for names in types for name in names}))


def table(found: Iterable[Operator]) -> str:
    """A Markdown table of operators, with their share of the time and the reasons of those in floats."""
    found = list(found)
    total = sum(operator.seconds for operator in found) or 1.0
    lines = [
        "| operator | takes | gives | count | time, % | in floats because |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for operator in found:
        cells = (operator.kind, ", ".join(operator.takes), ", ".join(operator.gives), str(operator.count),
                 f"{100 * operator.seconds / total:.1f}", operator.reason)  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    floats = sum(operator.count for operator in found if operator.is_float)
    lines.append(f"\n{floats} of {sum(operator.count for operator in found)} operators take or give floats.")
    return "\n".join(lines)


def main() -> None:
    """Print the operators of a network after optimisation on this machine."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("network", type=Path, help="ONNX file that takes pixels, or a folder with a recogniser")
    parser.add_argument("--side", type=int, default=320, help="for dynamic sides (%(default)s)")
    arguments = parser.parse_args()
    network = arguments.network
    print(table(operators(whole(network) if network.is_dir() else onnx.load(str(network)), arguments.side)))


if __name__ == "__main__":
    main()
