"""Keeps integer networks exact on x86-64 CPUs without VNNI.

There, ONNX Runtime multiplies unsigned bytes by signed weights and adds pairs of products in 16 bits, which saturate: a
network then reads wrong text without an error. Weights whose pairs fit cannot: those of `model/weights` do
(`model.training.integer.pairs`), and so do weights of seven bits. Other networks get unsigned weights there, for which
ONNX Runtime has another path, exact, slower, and with more memory. A signed weight w with zero point 0 equals the
unsigned w + 128 with zero point 128, so only one bit differs, and the size is the same. ONNX Runtime's option for
this (`session.x64quantprecision`) does not cover convolutions.
"""

import platform
import re
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeocr.model.networks.onnx_bytes import INT8, Initialiser, initialisers, operators

PAIR_LEVELS = 128
"""Most that the positive or the negative weights of a pair may sum to: 255 × 128 < 2¹⁵."""

_UINT8 = 2
"""Number of the type in onnx.proto."""

_CPU_AVX_512VNNI = 22
"""OpenCV's number for it (cv::CpuFeatures), which has no name in Python."""

_FLIP = bytes(byte ^ 0x80 for byte in range(256))

_CONVOLUTIONS = {"QLinearConv", "ConvInteger"}
_PRODUCTS = {"MatMulInteger", "MatMulIntegerToFloat", "QLinearMatMul", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"}
"""Operators whose weights' order is known: …×in×out."""

UNSIGNED_MEMORY = 2.3
"""Memory of a run with unsigned weights, as a multiple of one with signed weights: for unsigned ones, ONNX Runtime
unfolds the input of convolutions and keeps sums as int32, which its kernels for signed ones avoid.
Measured with `tests.benchmarks.memory.per_pixel` on x86-64 without VNNI."""


def overflows(machine: str = platform.machine(), cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether products of signed weights may overflow on this CPU, which is assumed for unknown x86-64 ones."""
    if machine not in {"x86_64", "AMD64"}:
        return False
    # Help texts, which need the place of the weights, do not wait for OpenCV.
    if import_module("cv2").checkHardwareSupport(_CPU_AVX_512VNNI):
        return False
    try:
        return re.search(r"^flags\s*:.*\bavx_vnni\b", cpu_info.read_text("utf-8", "replace"), re.MULTILINE) is None
    except OSError:
        return True


def run_memory(model: bytes) -> float:
    """Memory of a run of an ONNX file on this CPU, as a multiple of that with signed weights."""
    try:
        return UNSIGNED_MEMORY if exact_weights(model) != model else 1.0
    except ValueError:
        # Whatever loads it says so.
        return 1.0


def exact_weights(model: bytes) -> bytes:
    """An ONNX file's bytes in the form that this CPU computes exactly, and fastest.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return with_unsigned_weights(model) if overflows() and not pairs_fit(model) else model


def pairs_fit(model: bytes) -> bool:
    """Whether no pair of products with an ONNX file's signed weights exceeds 16 bits.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    matrices = {found.name: found for found in initialisers(model) if found.kind == INT8 and len(found.shape) > 1}
    for operator in operators(model):
        for name in operator.inputs:
            if name in matrices and operator.group == 1:
                rows = _rows(operator.kind, matrices[name], model)
                if rows is None or largest_pair(rows).max(initial=0) > PAIR_LEVELS:
                    return False
    return True


def largest_pair(rows: NDArray[np.int8]) -> NDArray[np.int64]:
    """The largest sum of a pair's positive or negative weights in each row, rows×in."""
    pairs = np.pad(rows.astype(np.int64), ((0, 0), (0, rows.shape[1] % 2))).reshape(len(rows), -1, 2)
    sums = np.maximum(np.maximum(pairs, 0).sum(2), np.maximum(-pairs, 0).sum(2))
    return np.asarray(sums.max(1, initial=0))


def _rows(kind: str, found: Initialiser, model: bytes) -> NDArray[np.int8] | None:
    """Weights in the order in which kernels pair them; none of an operator whose order is not known.

    Depthwise convolutions add in 32 bits, so they are not asked for.
    """
    start, end = found.data
    weights = np.frombuffer(model, np.int8, end - start, start).reshape(found.shape)
    if kind in _CONVOLUTIONS:
        return np.moveaxis(weights, 1, -1).reshape(len(weights), -1)
    if kind in _PRODUCTS:
        return np.moveaxis(weights, -2, -1).reshape(-1, found.shape[-2])
    return None


def with_unsigned_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every int8 initialiser as uint8, 128 higher, including zero points.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    changed = bytearray(model)
    for found in initialisers(model):
        if found.kind == INT8:
            changed[found.kind_place] = _UINT8
            start, end = found.data
            changed[start:end] = model[start:end].translate(_FLIP)
    return bytes(changed)
