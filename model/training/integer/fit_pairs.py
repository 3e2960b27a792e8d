"""Fits the pairs of a written network's weights to 16 bits."""

from collections.abc import Iterable, Mapping

import numpy as np
import onnx

from edgeocr.model.training.integer.matrices import Array, constants, integer_matrices, moments, put_constants
from edgeocr.model.training.integer.pairs import fitted


def fit_pairs(model: onnx.ModelProto, runs: Iterable[Mapping[str, Array]]) -> None:
    """Round every integer matrix again where pairs of its weights do not fit, in place.

    Args:
        model: with signed weights.
        runs: typical inputs of the model, by name.
    """
    values = constants(model)
    for matrix, gram in zip(integer_matrices(model), moments(model, runs), strict=True):
        weight, scale = values[matrix.weight], values[matrix.scale]
        rows = fitted(matrix.rows(weight), gram)
        matrix.put(weight, rows.steps)
        matrix.part(scale)[:] *= rows.growth.astype(scale.dtype)
        if matrix.bias:
            # Its steps are those of the inputs times those of the weights.
            values[matrix.bias] = np.rint(values[matrix.bias] / rows.growth).astype(np.int32)
    put_constants(model, values)
    onnx.checker.check_model(model)
