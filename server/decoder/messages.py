"""Messages between the server and decoder processes: a length, followed by JSON.

The server does not trust decoders: anything but a valid answer to the request is rejected.
"""

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from edgeocr.model.errors import EdgeOcrError, InvalidInput, Locked
from edgeocr.model.files.opening.requests import (
    MOST_CHARACTERS,
    MOST_LINES,
    Answer,
    CountPages,
    DecodedImage,
    DecodeImage,
    DrawPage,
    LookAtPage,
    PageLook,
    Request,
    Samples,
    TextLine,
)

LENGTH = struct.Struct("<I")
MOST_BYTES = 4 << 20
"""Maximum size of a message, which the text of a page in JSON does not reach."""
_REQUESTS: dict[str, type[Request]] = {kind.__name__: kind for kind in (CountPages, LookAtPage, DrawPage, DecodeImage)}
_ERRORS: dict[str, type[EdgeOcrError]] = {kind.__name__: kind for kind in (InvalidInput, Locked)}
_MOST_TEXT, _MOST_SIDE, _MOST_PAGES = 300, 1 << 31, 1 << 31
NO_MEMORY = "MemoryError"
"""Name of an error for which there was no memory."""


class BadMessage(ValueError):
    """A message is invalid."""


class Bug(Exception):
    """An unexpected error in the decoder; the text is its traceback."""


def packed(values: Mapping[str, Any]) -> bytes:
    """The encoded message."""
    data = json.dumps(values).encode()
    return LENGTH.pack(len(data)) + data


def request_values(request: Request, memory_bytes: int, seconds: float) -> dict[str, Any]:
    """The values of a request, with its limits of additional memory and of time."""
    return {"ask": type(request).__name__, "with": asdict(request), "memory_bytes": memory_bytes, "seconds": seconds}


def request_from(values: Mapping[str, Any]) -> Request:
    """The request of these values."""
    return _REQUESTS[values["ask"]](**values["with"])


def answer_values(answer: Answer) -> dict[str, Any]:
    """The values of an answer."""
    return {"answer": asdict(answer) if isinstance(answer, PageLook | DecodedImage) else answer}


def error_values(error: EdgeOcrError | MemoryError) -> dict[str, Any]:
    """The values of an error."""
    return {"error": NO_MEMORY if isinstance(error, MemoryError) else type(error).__name__, "text": str(error)}


def answer_from(request: Request, data: bytes) -> Answer:
    """Validates a decoder's answer.

    Raises:
        EdgeOcrError: the decoder answered with this error.
        MemoryError: the decoder ran out of memory.
        Bug: an unexpected error occurred in the decoder.
        BadMessage: it is not a valid answer to this request.
    """
    try:
        values = json.loads(data)
        if "error" in values:
            raise _error(values)
        if "bug" in values:
            raise Bug(str(values["bug"]))
        return _answer(request, values["answer"])
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        raise BadMessage from None


def _error(values: Mapping[str, Any]) -> EdgeOcrError | MemoryError:
    if values["error"] == NO_MEMORY:
        return MemoryError()
    text = values["text"]
    if not isinstance(text, str) or len(text) > _MOST_TEXT or not text.isprintable():
        raise BadMessage
    return _ERRORS[values["error"]](text)


def _answer(request: Request, value: Any) -> Answer:
    match request:
        case CountPages():
            return _whole(value, 0, _MOST_PAGES)
        case LookAtPage():
            lines = tuple(_line(**line) for line in value.pop("lines"))
            if len(lines) > MOST_LINES or sum(len(line.text) for line in lines) > MOST_CHARACTERS:
                raise BadMessage
            return PageLook(
                _whole(value["width"], 1, _MOST_SIDE),
                _whole(value["height"], 1, _MOST_SIDE),
                bool(value["has_layers"]),
                _number(value["image_bytes"]),
                lines,
            )
        case DecodeImage(width=width, height=height):
            if (value["width"], value["height"]) != (width, height):
                raise BadMessage
            return DecodedImage(width, height, Samples(value["samples"]))
        case DrawPage():
            return None


def _whole(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise BadMessage
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or value < 0:
        raise BadMessage
    return float(value)


def _line(text: Any, left: Any, top: Any, right: Any, bottom: Any) -> TextLine:
    if not isinstance(text, str) or not text.isprintable():
        raise BadMessage
    return TextLine(text, _number(left), _number(top), _number(right), _number(bottom))
