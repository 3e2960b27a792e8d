"""Tells whether pairs of products with a network's signed weights fit in 16 bits, as some x86-64 CPUs add them."""

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.onnx_bytes import INT8, Initialiser, initialisers, operators

PAIR_LEVELS = 128
"""Most that the positive or the negative weights of a pair may sum to: 255 × 128 < 2¹⁵."""

_CONVOLUTIONS = {"QLinearConv", "ConvInteger"}
_PRODUCTS = {"MatMulInteger", "MatMulIntegerToFloat", "QLinearMatMul", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"}
"""Operators whose weights' order is known: …×in×out."""


def pairs_fit(model: bytes) -> bool:
    """Whether no pair of products with an ONNX file's signed weights exceeds 16 bits.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    matrices = {found.name: found for found in initialisers(model) if found.kind == INT8 and len(found.shape) > 1}
    for operator in operators(model):
        for name in operator.inputs:
            if name in matrices and operator.group == 1:
                rows = paired_rows(operator.kind, _weights(matrices[name], model))
                if rows is None or largest_pair(rows).max(initial=0) > PAIR_LEVELS:
                    return False
    return True


def largest_pair(rows: NDArray[np.int8]) -> NDArray[np.int16]:
    """The largest sum of a pair's positive or negative weights in each row, rows×in."""
    wide = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2))).astype(np.int16)
    signs = (np.maximum(wide, 0), np.maximum(-wide, 0))
    most = [(one[:, ::2] + one[:, 1::2]).max(1, initial=0) for one in signs]
    return np.asarray(np.maximum(most[0], most[1]))


def _weights(found: Initialiser, model: bytes) -> NDArray[np.int8]:
    start, end = found.data
    return np.frombuffer(model, np.int8, end - start, start).reshape(found.shape)


def paired_rows(kind: str, weights: NDArray[np.int8]) -> NDArray[np.int8] | None:
    """An operator's weights as rows×in, in the order in which kernels pair them; none if that order is not known.

    Depthwise convolutions add in 32 bits, so they are not asked for.
    """
    if kind in _CONVOLUTIONS:
        return np.moveaxis(weights, 1, -1).reshape(len(weights), -1)
    if kind in _PRODUCTS:
        return np.moveaxis(weights, -2, -1).reshape(-1, weights.shape[-2])
    return None
