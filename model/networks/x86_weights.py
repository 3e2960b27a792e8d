"""The same network with unsigned weights, as files have them, or with signed ones, where these are exact and faster.

x86-64 without VNNI adds pairs of unsigned × signed products in 16 bits, which saturate: the network reads other text,
and says nothing. Unsigned weights take another path there, slower and exact. Files have them unsigned, so that
whatever loads one reads what it should. A signed weight w of zero point 0 is the unsigned w + 128 of zero point 128, so
both are one bit flipped, and the length stays what it is. ONNX Runtime's own option for it
(`session.x64quantprecision`) leaves convolutions out.
"""

import platform
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

STORED_UNSIGNED = "+128"
"""How the names of initialisers end that a file has as uint8, each 128 higher than the int8 that it stands for."""

_INT8, _UINT8 = 3, 2
_GRAPH, _INITIALIZER, _DATA_TYPE, _NAME, _RAW_DATA = 7, 5, 2, 8, 9
"""Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.data_type, .name and .raw_data."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of protobuf."""

_CPU_AVX_512VNNI = 22
"""OpenCV's number for it (cv::CpuFeatures), which has no name in Python."""

_FLIP = bytes(byte ^ 0x80 for byte in range(256))

UNSIGNED_MEMORY = 2.3
"""What a run with unsigned weights takes, as a multiple of one with signed weights: ONNX Runtime lays out the input of
a convolution column by column for them, and keeps its sums as int32, where it has kernels that need neither for signed
ones. Measured with `tests.benchmarks.memory_cost` on x86-64 without VNNI."""


def overflows(machine: str = platform.machine(), cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether products of signed weights may overflow on this CPU; an unknown x86-64 one is taken to."""
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
    """What a run of an ONNX file takes on this CPU, as a multiple of what it takes where its weights are signed."""
    if not overflows():
        return 1.0
    try:
        has_integers = any(form(model) != model for form in (with_signed_weights, with_unsigned_weights))
    except ValueError:
        # Whatever loads it says so.
        return 1.0
    return UNSIGNED_MEMORY if has_integers else 1.0


def exact_weights(model: bytes) -> bytes:
    """An ONNX file's bytes as this CPU computes them without overflow, and as fast as it can."""
    return with_unsigned_weights(model) if overflows() else with_signed_weights(model)


def with_unsigned_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every int8 initialiser made uint8, 128 higher; the zero points among them too.

    Raises:
        ValueError: the bytes are no protobuf message.
    """
    return _flipped(model, _INT8, _UINT8, b"")


def with_signed_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every initialiser that is stored unsigned made int8 again, 128 lower.

    Raises:
        ValueError: the bytes are no protobuf message.
    """
    return _flipped(model, _UINT8, _INT8, STORED_UNSIGNED.encode())


def _flipped(model: bytes, kind: int, other: int, name_end: bytes) -> bytes:
    """The bytes, initialisers of one kind whose names end so made the other kind."""
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
    """Where the values of a message's fields of one number begin and end."""
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
    """A number, and where it ends."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, place
        shift += 7
