"""The pixel density stated in an image file, in pixels per inch, horizontally and vertically as displayed."""

import struct
from collections.abc import Iterator

_LEAST, _MOST = 36.0, 10_000.0
"""Densities outside this range are ignored."""
_ROUNDED = 0.02
"""Rounding error of densities in whole pixels per metre."""
_INCHES_PER_METRE, _INCHES_PER_CENTIMETRE = 0.0254, 2.54
_ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT = 274, 282, 283, 296
_INCH, _CENTIMETRE = 2, 3
_UNKNOWN = (72.0, 72.0)
"""Exif's value for an unknown resolution (JEITA CP-3451, table 4)."""
_EXIF = b"Exif\0\0"

Density = tuple[float, float]


def stated_density(data: bytes, index: int = 0) -> Density | None:
    """The density of a page; None if the file states none, or one out of range.

    It is read from JFIF and Exif in JPEG, pHYs in PNG, the headers of BMP, the directories of TIFF, and Exif in WebP.
    """
    try:
        found = _stated(data, index)
    except (struct.error, ZeroDivisionError, IndexError):
        return None
    if found is None or not all(_LEAST <= side <= _MOST for side in found):
        return None
    across, down = (round(side) if abs(side - round(side)) < _ROUNDED else side for side in found)
    return across, down


def _stated(data: bytes, index: int) -> Density | None:
    if data.startswith(b"\xff\xd8"):
        return _of_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of_png(data)
    if data.startswith(b"BM"):
        if struct.unpack_from("<I", data, 14)[0] < 40:
            return None
        across, down = struct.unpack_from("<ii", data, 38)
        return across * _INCHES_PER_METRE, down * _INCHES_PER_METRE
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _of_tiff(data, index)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _of_webp(data)
    return None


def _of_jpeg(data: bytes) -> Density | None:
    jfif = exif = None
    turned = False
    for marker, segment in _segments(data):
        if marker == 0xE0 and segment.startswith(b"JFIF\0"):
            unit, across, down = struct.unpack_from(">BHH", segment, 7)
            factor = {1: 1.0, 2: _INCHES_PER_CENTIMETRE}.get(unit)
            jfif = (across * factor, down * factor) if factor is not None else None
        elif marker == 0xE1 and segment.startswith(_EXIF):
            values = _directory(segment[len(_EXIF) :], 0)
            exif = _resolution(values)
            turned = values.get(_ORIENTATION, 1.0) >= 5
    found = jfif or (exif if exif != _UNKNOWN else None)
    return found[::-1] if found is not None and turned else found


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and their segments, up to the first scan."""
    place = 2
    while data[place] == 0xFF and data[place + 1] != 0xDA:
        marker, (length,) = data[place + 1], struct.unpack_from(">H", data, place + 2)
        yield marker, data[place + 4 : place + 2 + length]
        place += 2 + length


def _of_png(data: bytes) -> Density | None:
    place = 8
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"pHYs":
            across, down, unit = struct.unpack_from(">IIB", data, place + 8)
            return (across * _INCHES_PER_METRE, down * _INCHES_PER_METRE) if unit == 1 else None
        if kind == b"IDAT":
            return None
        place += 12 + length
    return None


def _of_webp(data: bytes) -> Density | None:
    place = 12
    while place + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        if kind == b"EXIF":
            exif = data[place + 8 : place + 8 + length].removeprefix(_EXIF)
            found = _resolution(_directory(exif, 0))
            return found if found != _UNKNOWN else None
        place += 8 + length + length % 2
    return None


def _of_tiff(data: bytes, index: int) -> Density | None:
    values = _directory(data, index)
    found = _resolution(values)
    return found[::-1] if found is not None and values.get(_ORIENTATION, 1.0) >= 5 else found


def _directory(tiff: bytes, index: int) -> dict[int, float]:
    """The numbers of a TIFF directory: the first short, long or fraction of each field."""
    order = "<" if tiff.startswith(b"II") else ">"
    (place,) = struct.unpack_from(f"{order}I", tiff, 4)
    for _ in range(index):
        (count,) = struct.unpack_from(f"{order}H", tiff, place)
        (place,) = struct.unpack_from(f"{order}I", tiff, place + 2 + 12 * count)
    (count,) = struct.unpack_from(f"{order}H", tiff, place)
    values = {}
    for entry in range(place + 2, place + 2 + 12 * count, 12):
        field, kind = struct.unpack_from(f"{order}HH", tiff, entry)
        if kind == 3:
            values[field] = float(struct.unpack_from(f"{order}H", tiff, entry + 8)[0])
        elif kind == 4:
            values[field] = float(struct.unpack_from(f"{order}I", tiff, entry + 8)[0])
        elif kind == 5:
            (offset,) = struct.unpack_from(f"{order}I", tiff, entry + 8)
            numerator, denominator = struct.unpack_from(f"{order}II", tiff, offset)
            values[field] = numerator / denominator if denominator else 0.0
    return values


def _resolution(values: dict[int, float]) -> Density | None:
    unit = values.get(_RESOLUTION_UNIT, _INCH)
    if unit not in (_INCH, _CENTIMETRE) or _X_RESOLUTION not in values:
        return None
    factor = 1.0 if unit == _INCH else _INCHES_PER_CENTIMETRE
    across = values[_X_RESOLUTION] * factor
    return across, values.get(_Y_RESOLUTION, values[_X_RESOLUTION]) * factor
