"""Inspects serialised messages before they are parsed."""

from google.protobuf.descriptor import Descriptor, FieldDescriptor

_VARINT, _LENGTH = 0, 2
_FIXED_BYTES = {1: 8, 5: 4}
_VARINT_BYTES = 10


def non_payload_bytes(data: bytes, kind: Descriptor, most_bytes: int) -> int:
    """Counts the bytes of a serialised message that are in no `bytes` field, which is where images are.

    Once parsed, they take many times their size, unlike `bytes` fields. Counting stops beyond `most_bytes` and at
    malformed data, which the parser reports (protobuf's published wire format).
    """
    beside_bytes, place = 0, 0
    within = [(len(data), kind)]
    try:
        while within and beside_bytes <= most_bytes:
            end, kind = within[-1]
            if place >= end:
                within.pop()
                continue
            begin = place
            tag, place = _varint(data, place)
            wire = tag & 7
            if wire == _LENGTH:
                size_bytes, place = _varint(data, place)
                field = kind.fields_by_number.get(tag >> 3)
                if field is not None and (inner := field.message_type) is not None:
                    within.append((place + size_bytes, inner))
                else:
                    place += size_bytes
                    is_image = field is not None and field.type == FieldDescriptor.TYPE_BYTES
                    beside_bytes -= size_bytes if is_image else 0
            elif wire == _VARINT:
                _, place = _varint(data, place)
            else:
                place += _FIXED_BYTES.get(wire, 0)
            beside_bytes += place - begin
    except IndexError:
        pass
    return beside_bytes


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A varint, and the position after it; raises IndexError if it is incomplete."""
    value = 0
    for shift in range(_VARINT_BYTES):
        byte = data[place + shift]
        value |= (byte & 0x7F) << 7 * shift
        if byte < 0x80:
            return value, place + shift + 1
    raise IndexError
