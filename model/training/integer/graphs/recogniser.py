"""The whole recogniser as a graph: unsigned pixels in, float logits out."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import compose

from edgeocr.model.training.integer.backbone import look
from edgeocr.model.training.integer.graphs.backbone import PIXELS, BackboneWriter
from edgeocr.model.training.integer.graphs.neck import LOGITS, write_neck
from edgeocr.model.training.integer.graphs.writer import FLOAT, UINT8, GraphWriter, value
from edgeocr.model.training.integer.ranges import Range
from edgeocr.model.training.networks.backbone import FEATURES, HEIGHT_PIXELS
from edgeocr.model.training.networks.crnn import Crnn

_INPUT = ("batch", HEIGHT_PIXELS, "width", 3)


def recogniser(student: Crnn, ranges: Mapping[str, Range], floats: Collection[str] = ()) -> onnx.ModelProto:
    """Pixels N×48×W×3 (BGR) to logits N×(W/8)×classes; `floats` are parts of the neck that stay floats."""
    graph = GraphWriter()
    features = look(student.backbone, PIXELS, BackboneWriter(graph, ranges))
    write_neck(graph, student, features, ranges, floats)
    outputs = [value(LOGITS, FLOAT, ("batch", "steps", student.head.out_features))]
    return graph.model([value(PIXELS.name, UINT8, _INPUT)], outputs)


def backbone(student: Crnn, ranges: Mapping[str, Range]) -> onnx.ModelProto:
    """Pixels N×48×W×3 (BGR) to bytes that stand for features, N×1×(W/8)×384; how to read them is in the ranges."""
    graph = GraphWriter()
    features = look(student.backbone, PIXELS, BackboneWriter(graph, ranges))
    outputs = [value(features.name, UINT8, ("batch", 1, "steps", FEATURES))]
    return graph.model([value(PIXELS.name, UINT8, _INPUT)], outputs)


def with_float_backbone(
    student: Crnn, eyes_path: Path, ranges: Mapping[str, Range], floats: Collection[str]
) -> onnx.ModelProto:
    """The recogniser whose backbone stays in floats, as exported, to tell what integers do to the rest.

    Args:
        student: the network.
        eyes_path: its backbone in floats: "lines" N×3×48×W to "features" N×384×T.
        ranges: of the neck's results and of the features.
        floats: parts of the neck that stay floats too.
    """
    graph = GraphWriter()
    last = graph.node("Transpose", ["seen"], ["by_step"], perm=[0, 2, 1])
    axis = graph.constant("height_axis", np.array([1], np.int64))
    tall = graph.node("Unsqueeze", [last, axis], ["tall"])
    write_neck(graph, student, graph.quantise("features", tall, ranges["features"]), ranges, floats)
    outputs = [value(LOGITS, FLOAT, ("batch", "steps", student.head.out_features))]
    neck = graph.model([value("seen", FLOAT, ("batch", FEATURES, "steps"))], outputs)
    seeing = onnx.load(str(eyes_path))
    seeing.ir_version = neck.ir_version
    return compose.merge_models(seeing, neck, [("features", "seen")], prefix1="backbone/", prefix2="neck/")
