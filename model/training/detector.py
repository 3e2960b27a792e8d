"""The text detector: PP-OCRv3's network as published, made to take pixels.

Image normalisation moves into the graph, and constants and batch norms are folded.
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from edgeocr.model.training import wheels

NAME = "PP-OCRv3 detector"
_MEAN = (0.485, 0.456, 0.406)
_DEVIATION = (0.229, 0.224, 0.225)


def build(wheels_dir: Path, path: Path) -> None:
    """Write the detector: 1×H×W×3 uint8 BGR in, 1×1×H×W probabilities out.

    Raises:
        ValueError: the downloaded file is not the pinned one.
    """
    model = onnx.load(str(wheels.fetch(wheels.DETECTOR, wheels_dir)))
    (output,) = model.graph.output
    output.CopyFrom(helper.make_tensor_value_info(output.name, TensorProto.FLOAT, ["batch", "one", "height", "width"]))
    _take_pixels(model.graph)
    _fold(model, path)


def _take_pixels(graph: onnx.GraphProto) -> None:
    """Put (pixel ÷ 255 − mean) ÷ deviation for N×H×W×3 uint8 pixels in front of a graph for N×3×H×W floats."""
    (old,) = [value.name for value in graph.input]
    constants = {
        "pixel_scale": 1 / (255 * np.array(_DEVIATION)),
        "pixel_shift": -np.array(_MEAN) / np.array(_DEVIATION),
    }
    for name, values in constants.items():
        graph.initializer.append(numpy_helper.from_array(values.reshape(1, 3, 1, 1).astype(np.float32), name))
    front = [
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["float_planes"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float_planes", "pixel_scale"], ["scaled_planes"]),
        helper.make_node("Add", ["scaled_planes", "pixel_shift"], [old]),
    ]
    nodes = [*front, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.input[:]
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", "height", "width", 3]))


def _fold(model: onnx.ModelProto, path: Path) -> None:
    """Save the graph as ONNX Runtime simplifies it for any machine."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
