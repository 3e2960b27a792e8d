"""The text detector: PP-OCRv3's network as published, made to take pixels.

Image normalisation moves into the graph, and constants and batch norms are folded.
"""

from pathlib import Path

import onnx
import onnxruntime
from onnx import TensorProto, helper

from edgeocr.model.training import wheels
from edgeocr.model.training.pixel_input import take_pixels

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
    take_pixels(model, _MEAN, _DEVIATION)
    _fold(model, path)


def _fold(model: onnx.ModelProto, path: Path) -> None:
    """Save the graph as ONNX Runtime simplifies it for any machine."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
