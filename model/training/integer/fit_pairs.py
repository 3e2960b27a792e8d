"""Fits the pairs of a written network's weights to 16 bits."""

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
from onnx import numpy_helper

from edgeocr.model.training.integer.matrices import Array, integer_matrices, moments
from edgeocr.model.training.integer.pairs import fitted


def fit_pairs(model: onnx.ModelProto, runs: Iterable[Mapping[str, Array]]) -> None:
    """Round every integer matrix again where pairs of its weights do not fit, in place.

    Args:
        model: with signed weights.
        runs: typical inputs of the model, by name.
    """
    constants = {constant.name: constant for constant in model.graph.initializer}
    values = {name: np.array(numpy_helper.to_array(constant)) for name, constant in constants.items()}
    changed: set[str] = set()
    for matrix, gram in zip(integer_matrices(model), moments(model, runs), strict=True):
        weight, scale = values[matrix.weight], values[matrix.scale]
        rows = fitted(matrix.rows(weight), gram)
        matrix.put(weight, rows.steps)
        if matrix.direction >= 0:
            scale[matrix.direction] *= rows.growth.astype(scale.dtype)
        else:
            scale[:] = scale * rows.growth.astype(scale.dtype)
        changed |= {matrix.weight, matrix.scale}
        if matrix.bias:
            # Its steps are those of the inputs times those of the weights.
            values[matrix.bias] = np.rint(values[matrix.bias] / rows.growth).astype(np.int32)
            changed.add(matrix.bias)
    for name in changed:
        constants[name].CopyFrom(numpy_helper.from_array(values[name], name))
    onnx.checker.check_model(model)
