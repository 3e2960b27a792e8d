"""Stores signed weights as unsigned ones, so that every CPU reads the same text, whatever program loads the file."""

import numpy as np
import onnx
from onnx import numpy_helper

from edgeocr.model.networks.x86_weights import STORED_UNSIGNED


def store_unsigned(model: onnx.ModelProto) -> None:
    """Make every int8 initialiser uint8, 128 higher, in place; its name marks it, so that the server can revert it."""
    renamed = {}
    for constant in model.graph.initializer:
        if constant.data_type == onnx.TensorProto.INT8:
            name = f"{constant.name}{STORED_UNSIGNED}"
            renamed[constant.name] = name
            higher = numpy_helper.to_array(constant).astype(np.int16) + 128
            constant.CopyFrom(numpy_helper.from_array(higher.astype(np.uint8), name))
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = renamed.get(name, name)
    onnx.checker.check_model(model)
