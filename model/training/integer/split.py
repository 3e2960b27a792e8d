"""Splits a recogniser into two files, as the server runs it, or joins them, as it is written and measured.

The head has thousands of scores per time step. As a network of its own it can run on a few steps at a time, so that a
long line's scores are never in memory at once.
"""

from pathlib import Path

import onnx

from edgeocr.model.training.integer.graphs.recogniser import LOGITS
from edgeocr.model.training.integer.graphs.writer import FLOAT, UINT8, value

FAST = "fast-"
"""Prefix of the names of the fast recogniser's files."""
FILE, HEAD_FILE = "recogniser.onnx", "recogniser-head.onnx"


def split(model: onnx.ModelProto) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Pixels N×48×W×3 to features N×T×F, uint8, and any number of features, rows×F, to logits.

    Raises:
        ValueError: its last operator is no product of bytes.
    """
    seeing, head = onnx.ModelProto(), onnx.ModelProto()
    seeing.CopyFrom(model)
    last = seeing.graph.node.pop()
    if list(last.output) != [LOGITS] or last.op_type != "MatMulIntegerToFloat":
        raise ValueError(f"the head is no product of integers, but {last.op_type}")
    constants = {constant.name: constant for constant in model.graph.initializer}
    head.CopyFrom(model)
    for graph, nodes in ((seeing.graph, list(seeing.graph.node)), (head.graph, [last])):
        used = {name for node in nodes for name in node.input}
        del graph.initializer[:]
        graph.initializer.extend(constant for name, constant in constants.items() if name in used)
        del graph.output[:]
    features, classes = constants[last.input[1]].dims
    seeing.graph.output.append(value(last.input[0], UINT8, ("batch", "steps", features)))
    del head.graph.node[:], head.graph.input[:]
    head.graph.node.append(last)
    head.graph.input.append(value(last.input[0], UINT8, ("rows", features)))
    head.graph.output.append(value(LOGITS, FLOAT, ("rows", classes)))
    for half in (seeing, head):
        onnx.checker.check_model(half)
    return seeing, head


def whole(folder: Path, prefix: str = "") -> onnx.ModelProto:
    """A folder's recogniser, pixels to logits N×T×classes, whether its head is a file of its own or not; its
    files' names begin with the prefix."""
    model = onnx.load(str(folder / f"{prefix}{FILE}"))
    if not (folder / f"{prefix}{HEAD_FILE}").exists():
        return model
    head = onnx.load(str(folder / f"{prefix}{HEAD_FILE}")).graph
    model.graph.node.extend(head.node)
    known = {constant.name for constant in model.graph.initializer}
    # Constants of both have names that are unique to their value.
    model.graph.initializer.extend(constant for constant in head.initializer if constant.name not in known)
    del model.graph.output[:]
    classes = head.output[0].type.tensor_type.shape.dim[1].dim_value
    model.graph.output.append(value(LOGITS, FLOAT, ("batch", "steps", classes)))
    onnx.checker.check_model(model)
    return model
