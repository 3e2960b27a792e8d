"""The outputs of the protocol, made from an image's pages."""

import json
import struct
from collections.abc import Callable, Sequence
from typing import Any

from edgeocr.model.results import Line, Page

BYTES, FP32 = "BYTES", "FP32"
LENGTH = struct.Struct("<I")
"""The length before each element of BYTES in raw form."""
_CONFIDENCE_DIGITS = 4
_COORDINATE_DIGITS = 1


def _text(pages: Sequence[Page]) -> bytes:
    return "\n".join(page.text for page in pages).encode()


def _confidence(pages: Sequence[Page]) -> float:
    confidences = [line.confidence for page in pages for line in page.lines]
    return sum(confidences) / len(confidences) if confidences else 0.0


def _lines(pages: Sequence[Page]) -> bytes:
    lines = [_line(page.index, line) for page in pages for line in page.lines]
    return json.dumps(lines, ensure_ascii=False).encode()


def _line(page: int, line: Line) -> dict[str, Any]:
    return {
        "page": page,
        "text": line.text,
        "confidence": round(line.confidence, _CONFIDENCE_DIGITS),
        "polygon": [[round(x, _COORDINATE_DIGITS), round(y, _COORDINATE_DIGITS)] for x, y in line.polygon],
    }


OUTPUTS: dict[str, tuple[str, Callable[[Sequence[Page]], Any]]] = {
    "text": (BYTES, _text),
    "confidence": (FP32, _confidence),
    "lines": (BYTES, _lines),
}
"""The outputs by name: their datatype, and the function that makes an image's element."""

_PACK: dict[str, Callable[[Any], bytes]] = {
    BYTES: lambda value: LENGTH.pack(len(value)) + value,
    FP32: struct.Struct("<f").pack,
}


def packed(datatype: str, value: Any) -> bytes:
    """An element in raw form."""
    return _PACK[datatype](value)
