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

from edgeocr.model.networks.onnx_bytes import INT8, initialisers

_UINT8 = 2
"""Number of the type in onnx.proto."""

_CPU_AVX_512VNNI = 22
"""OpenCV's number for it (cv::CpuFeatures), which has no name in Python."""

_FLIP = bytes(byte ^ 0x80 for byte in range(256))

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
        return UNSIGNED_MEMORY if _overflows_with(model) else 1.0
    except ValueError:
        # Whatever loads it says so.
        return 1.0


def exact_weights(model: bytes) -> bytes:
    """An ONNX file's bytes in the form that this CPU computes exactly, and fastest.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return with_unsigned_weights(model) if _overflows_with(model) else model


def _overflows_with(model: bytes) -> bool:
    """Whether products with an ONNX file's weights may overflow on this CPU."""
    # Help texts, which need the place of the weights, do not wait for NumPy either.
    return overflows() and not import_module("edgeocr.model.networks.weight_pairs").pairs_fit(model)


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
