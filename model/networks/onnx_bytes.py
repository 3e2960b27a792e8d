"""Reads what integer weights an ONNX file has from its bytes, since the server has no ONNX package."""

from collections.abc import Iterator
from dataclasses import dataclass

INT8 = 3
"""Number of the type in onnx.proto."""

_GRAPH, _NODE, _INITIALIZER = 7, 1, 5
_DIMS, _DATA_TYPE, _NAME, _RAW_DATA = 1, 2, 8, 9
_INPUT, _OPERATOR, _ATTRIBUTE, _ATTRIBUTE_NAME, _ATTRIBUTE_INT = 1, 4, 5, 1, 3
"""Field numbers of onnx.proto: of ModelProto, GraphProto, TensorProto, NodeProto and AttributeProto."""

_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
"""Wire types of protobuf."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Initialiser:
    """A constant of the graph.

    Attributes:
        name: which operators call it by.
        kind: its type's number in onnx.proto, below 128.
        shape: its dimensions.
        kind_place: position of the byte that holds the kind.
        data: start and end of its raw data.
    """

    name: str
    kind: int
    shape: tuple[int, ...]
    kind_place: int
    data: Span


@dataclass(frozen=True)
class Operator:
    """What an operator is and takes.

    Attributes:
        kind: such as `QLinearConv`.
        inputs: names.
        group: of a convolution, 1 unless it says otherwise.
    """

    kind: str
    inputs: tuple[str, ...]
    group: int


def initialisers(model: bytes) -> list[Initialiser]:
    """Those of the graph that have a type and raw data.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    found = []
    for first, last in _inside(model, _INITIALIZER):
        fields = _by_number(model, first, last)
        kinds, data = fields.get(_DATA_TYPE, []), fields.get(_RAW_DATA, [])
        if kinds and data:
            shape = [size for start, end in fields.get(_DIMS, []) for size in _varints(model, start, end)]
            name = _text(model, fields.get(_NAME, []))
            found.append(Initialiser(name, model[kinds[0][0]], tuple(shape), kinds[0][0], data[0]))
    return found


def operators(model: bytes) -> list[Operator]:
    """Those of the graph.

    Raises:
        ValueError: the bytes are not a protobuf message.
    """
    found = []
    for first, last in _inside(model, _NODE):
        fields = _by_number(model, first, last)
        group = 1
        for start, end in fields.get(_ATTRIBUTE, []):
            attribute = _by_number(model, start, end)
            if _text(model, attribute.get(_ATTRIBUTE_NAME, [])) == "group":
                group = next(number for span in attribute[_ATTRIBUTE_INT] for number in _varints(model, *span))
        inputs = tuple(_text(model, [span]) for span in fields.get(_INPUT, []))
        found.append(Operator(_text(model, fields.get(_OPERATOR, [])), inputs, group))
    return found


def _inside(model: bytes, wanted: int) -> Iterator[Span]:
    """Spans of the graph's fields with this number."""
    try:
        for start, end in _by_number(model, 0, len(model)).get(_GRAPH, []):
            yield from _by_number(model, start, end).get(wanted, [])
    except IndexError:
        raise ValueError("is no ONNX file: a message in it is cut off") from None


def _text(model: bytes, spans: list[Span]) -> str:
    return b"".join(model[start:end] for start, end in spans).decode("utf-8", "replace")


def _by_number(data: bytes, start: int, end: int) -> dict[int, list[Span]]:
    """Starts and ends of the values of a message's fields, by the fields' numbers."""
    found: dict[int, list[Span]] = {}
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
        found.setdefault(number, []).append((place, place + size))
        place += size
    return found


def _varints(data: bytes, start: int, end: int) -> Iterator[int]:
    """One number, or several that are packed."""
    while start < end:
        value, start = _varint(data, start)
        yield value


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
