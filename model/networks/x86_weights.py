"""Converts a network's weights from unsigned, as in files, to signed, where signed ones are exact and faster.

x86-64 CPUs without VNNI add pairs of unsigned × signed products in 16 bits, which saturate: the network then reads
wrong text without an error. With unsigned weights they use another path, slower and exact. Files have unsigned
weights, so that any program reads them correctly. A signed weight w with zero point 0 equals the unsigned w + 128 with
zero point 128, so only one bit differs, and the size is the same. ONNX Runtime's option for this
(`session.x64quantprecision`) does not cover convolutions.
"""

import platform
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

STORED_UNSIGNED = "+128"
"""Suffix of the names of initialisers that a file stores as uint8, 128 higher than their int8 values."""

_INT8, _UINT8 = 3, 2
_GRAPH, _INITIALIZER, _DATA_TYPE, _NAME, _RAW_DATA = 7, 5, 2, 8, 9
"""Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.data_type, .name and .raw_data."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of protobuf."""

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
    if not overflows():
        return 1.0
    try:
        has_integers = any(form(model) != model for form in (with_signed_weights, with_unsigned_weights))
    except ValueError:
        # Whatever loads it says so.
        return 1.0
    return UNSIGNED_MEMORY if has_integers else 1.0


def exact_weights(model: bytes) -> bytes:
    """An ONNX file's bytes in the form that this CPU computes exactly, and fastest."""
    return with_unsigned_weights(model) if overflows() else with_signed_weights(model)


def with_unsigned_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every int8 initialiser as uint8, 128 higher, including zero points.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    return _flipped(model, _INT8, _UINT8, b"")


def with_signed_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every initialiser that is stored unsigned as int8, 128 lower.

    Raises:
        ValueError: the bytes are no protobuf message.
    """
    return _flipped(model, _UINT8, _INT8, STORED_UNSIGNED.encode())


def _flipped(model: bytes, kind: int, other: int, name_end: bytes) -> bytes:
    """The bytes, with initialisers of one kind whose names have a suffix converted to the other kind."""
    changed = bytearray(model)
    try:
        for start, end in _fields(model, 0, len(model), _GRAPH):
            for first, last in _fields(model, start, end, _INITIALIZER):
                kinds = [place for place, _ in _fields(model, first, last, _DATA_TYPE)]
                names = [model[begin:stop] for begin, stop in _fields(model, first, last, _NAME)]
                if [model[place] for place in kinds] != [kind] or not b"".join(names).endswith(name_end):
                    continue
                changed[kinds[0]] = other
                for begin, stop in _fields(model, first, last, _RAW_DATA):
                    changed[begin:stop] = model[begin:stop].translate(_FLIP)
    except IndexError:
        raise ValueError("is no ONNX file: a message in it is cut off") from None
    return bytes(changed)


def _fields(data: bytes, start: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Start and end of the values of a message's fields with this number."""
    place = start
    while place < end:
        tag, place = _varint(data, place)
        number, wire = tag >> 3, tag & 7
        if wire == _LENGTH:
            size, place = _varint(data, place)
        elif wire == _VARINT:
            size = _varint(data, place)[1] - place
        elif wire in {_EIGHT_BYTES, _FOUR_BYTES}:
            size = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"is no ONNX file: it has wire type {wire}")
        if place + size > end:
            raise IndexError
        if number == wanted:
            yield place, place + size
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A varint, and the position after it."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
        shift += 7
