"""The same network with unsigned weights, for CPUs on which products of signed ones overflow.

x86-64 without VNNI adds pairs of unsigned × signed products in 16 bits, which saturate: the network reads other text,
and says nothing. Unsigned weights take another path there, slower and exact. A signed weight w of zero point 0 is the
unsigned w + 128 of zero point 128, so both are one bit flipped, and the file's length stays what it is. ONNX Runtime's
own option for it (`session.x64quantprecision`) leaves convolutions out.
"""

import platform
import re
from collections.abc import Iterator
from pathlib import Path

import cv2

_INT8, _UINT8 = 3, 2
_GRAPH, _INITIALIZER, _DATA_TYPE, _RAW_DATA = 7, 5, 2, 9
"""Field numbers of onnx.proto: ModelProto.graph, GraphProto.initializer, TensorProto.data_type and .raw_data."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of protobuf."""

_CPU_AVX_512VNNI = 22
"""OpenCV's number for it (cv::CpuFeatures), which has no name in Python."""

_FLIP = bytes(byte ^ 0x80 for byte in range(256))


def overflows(machine: str = platform.machine(), cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether products of signed weights may overflow on this CPU; an unknown x86-64 one is taken to."""
    if machine not in {"x86_64", "AMD64"} or cv2.checkHardwareSupport(_CPU_AVX_512VNNI):
        return False
    try:
        return re.search(r"^flags\s*:.*\bavx_vnni\b", cpu_info.read_text("utf-8", "replace"), re.MULTILINE) is None
    except OSError:
        return True


def exact_weights(model: bytes) -> bytes:
    """An ONNX file's bytes as this CPU computes them without overflow."""
    return with_unsigned_weights(model) if overflows() else model


def with_unsigned_weights(model: bytes) -> bytes:
    """An ONNX file's bytes with every int8 initialiser made uint8, 128 higher; the zero points among them too.

    Raises:
        ValueError: the bytes are no protobuf message.
    """
    changed = bytearray(model)
    try:
        for start, end in _fields(model, 0, len(model), _GRAPH):
            for first, last in _fields(model, start, end, _INITIALIZER):
                _change(model, changed, first, last)
    except IndexError:
        raise ValueError("is no ONNX file: a message in it is cut off") from None
    return bytes(changed)


def _change(model: bytes, changed: bytearray, start: int, end: int) -> None:
    """One tensor, in place."""
    kinds = [place for place, _ in _fields(model, start, end, _DATA_TYPE)]
    if [model[place] for place in kinds] != [_INT8]:
        return
    changed[kinds[0]] = _UINT8
    for first, last in _fields(model, start, end, _RAW_DATA):
        changed[first:last] = model[first:last].translate(_FLIP)


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
