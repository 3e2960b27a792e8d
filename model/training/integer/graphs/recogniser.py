"""The whole recogniser as a graph: unsigned pixels in, float logits out."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import compose

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.graphs.backbone import PIXELS, BackboneWriter, Value
from edgeocr.model.training.integer.graphs.fast_neck import write_fast_neck
from edgeocr.model.training.integer.graphs.neck import matrix, write_neck
from edgeocr.model.training.integer.graphs.writer import FLOAT, UINT8, Bytes, GraphWriter, value
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks.backbone import HEIGHT_PIXELS, SMALL
from edgeocr.model.training.networks.crnn import Crnn, Neck
from edgeocr.model.training.networks.fast import FastNeck

LOGITS = "logits"

_INPUT = ("batch", HEIGHT_PIXELS, "width", 3)


def recogniser(student: Crnn, ranges: Mapping[str, Range], floats: Collection[str] = ()) -> onnx.ModelProto:
    """Pixels N×48×W×3 (BGR) to logits N×(W/8)×classes; `floats` are parts of the neck that stay floats."""
    graph = GraphWriter()
    features = _look(graph, student, ranges)
    _write_rest(graph, student, features, ranges, floats)
    outputs = [value(LOGITS, FLOAT, ("batch", "steps", student.head.out_features))]
    return graph.model([value(PIXELS.name, UINT8, _INPUT)], outputs)


def _look(graph: GraphWriter, student: Crnn, ranges: Mapping[str, Range]) -> Bytes:
    pixels: Value = PIXELS
    features = look(student.backbone, pixels, BackboneWriter(graph, ranges))
    assert isinstance(features, Bytes)
    return features


def _write_rest(
    graph: GraphWriter, student: Crnn, features: Bytes, ranges: Mapping[str, Range], floats: Collection[str]
) -> None:
    """Add everything from features (N×1×T×F) to logits (N×T×classes)."""
    if isinstance(student.neck, FastNeck):
        read = write_fast_neck(graph, student.neck, features, ranges)
    else:
        assert isinstance(student.neck, Neck)
        read = write_neck(graph, student.neck, features, ranges, floats)
    known = read if "head" in floats else graph.quantise("head.input", read, ranges["head.input"])
    matrix(graph, LOGITS, known, student.head.weight, student.head.bias)


def backbone(student: Crnn, ranges: Mapping[str, Range]) -> onnx.ModelProto:
    """Pixels N×48×W×3 (BGR) to quantised features, N×1×(W/8)×384; their encoding is in the ranges."""
    graph = GraphWriter()
    features = _look(graph, student, ranges)
    outputs = [value(features.name, UINT8, ("batch", 1, "steps", student.backbone.layout.features))]
    return graph.model([value(PIXELS.name, UINT8, _INPUT)], outputs)


def with_float_backbone(
    student: Crnn, backbone_path: Path, ranges: Mapping[str, Range], floats: Collection[str]
) -> onnx.ModelProto:
    """The recogniser with its exported float backbone, to measure the effect of quantising the rest.

    Args:
        student: the network.
        backbone_path: its backbone in floats: "lines" N×3×48×W to "features" N×384×T.
        ranges: of the neck's results and of the features.
        floats: parts of the neck that stay in floats too.
    """
    graph = GraphWriter()
    last = graph.node("Transpose", ["seen"], ["by_step"], perm=[0, 2, 1])
    axis = graph.constant("height_axis", np.array([1], np.int64))
    tall = graph.node("Unsqueeze", [last, axis], ["tall"])
    _write_rest(graph, student, graph.quantise("features", tall, ranges["features"]), ranges, floats)
    outputs = [value(LOGITS, FLOAT, ("batch", "steps", student.head.out_features))]
    neck = graph.model([value("seen", FLOAT, ("batch", SMALL.features, "steps"))], outputs)
    seeing = onnx.load(str(backbone_path))
    seeing.ir_version = neck.ir_version
    return compose.merge_models(seeing, neck, [("features", "seen")], prefix1="backbone/", prefix2="neck/")
