"""Adds the normalisation of pixels to a network, since served networks have pixels as input."""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def take_pixels(model: onnx.ModelProto, mean: Sequence[float], deviation: Sequence[float]) -> None:
    """Turn a graph for N×3×H×W floats into one for N×H×W×3 uint8, normalised as (pixel ÷ 255 − mean) ÷ deviation.

    Args:
        model: changed in place; it has one input.
        mean: of blue, green and red.
        deviation: likewise.
    """
    graph = model.graph
    (old,) = graph.input
    _, _, height, width = old.type.tensor_type.shape.dim
    constants = {
        "pixel_scale": 1 / (255 * np.array(deviation)),
        "pixel_shift": -np.array(mean) / np.array(deviation),
    }
    for name, values in constants.items():
        graph.initializer.append(numpy_helper.from_array(values.reshape(1, 3, 1, 1).astype(np.float32), name))
    front = [
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Cast", ["planes"], ["float_planes"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["float_planes", "pixel_scale"], ["scaled_planes"]),
        helper.make_node("Add", ["scaled_planes", "pixel_shift"], [old.name]),
    ]
    shape = ["batch", height.dim_value or "height", width.dim_value or "width", 3]
    nodes = [*front, *graph.node]
    del graph.node[:], graph.input[:]
    graph.node.extend(nodes)
    graph.input.append(helper.make_tensor_value_info("pixels", TensorProto.UINT8, shape))
