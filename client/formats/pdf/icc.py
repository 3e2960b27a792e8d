"""sRGB (IEC 61966-2-1) as an ICC profile, the output intent of PDF/A files."""

import struct

_PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
"""The primaries, adapted to D50 as ICC requires."""
_D50 = (0.9642, 1.0, 0.8249)
_ADAPTATION = (1.04788, 0.02292, -0.05022, 0.02959, 0.99048, -0.01707, -0.00925, 0.01508, 0.75168)
"""The Bradford adaptation from D65 to D50, row by row."""
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VERSION = 0x04200000
_DATE = (2026, 1, 1)
_HEADER_BYTES, _ILLUMINANT_PLACE, _ENTRY_BYTES = 128, 68, 12


def srgb_profile() -> bytes:
    """A matrix and curve display profile, version 4.2 (ICC.1:2004-10)."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(*_CURVE)
    tags = {
        b"desc": _text("sRGB"),
        b"cprt": _text("No copyright, use freely"),
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
        b"chad": b"sf32" + bytes(4) + _fixed(*_ADAPTATION),
        **{name: b"XYZ " + bytes(4) + _fixed(*values) for name, values in _PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    begin = _HEADER_BYTES + 4 + _ENTRY_BYTES * len(tags)
    table, body, places = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    for name, data in tags.items():
        if data not in places:
            places[data] = begin + len(body)
            body += data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", places[data], len(data))
    header = struct.pack(
        ">I4xI4s4s4s6H4s", begin + len(body), _VERSION, b"mntr", b"RGB ", b"XYZ ", *_DATE, 0, 0, 0, b"acsp"
    )
    header = header.ljust(_ILLUMINANT_PLACE, b"\0") + _fixed(*_D50)
    return header.ljust(_HEADER_BYTES, b"\0") + table + body


def _fixed(*values: float) -> bytes:
    """Signed 16.16 fixed-point numbers."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(encoded), 28) + encoded
