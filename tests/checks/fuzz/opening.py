"""Opening of files as in a decoder process, and parsing of its answer as in the server."""

import json
import mmap
import os

from edgeocr.model.errors import EdgeOcrError
from edgeocr.model.files.headers.header import read_header
from edgeocr.model.files.headers.values import BadHeader, UnreadKind
from edgeocr.model.files.opening import raster
from edgeocr.model.files.opening.decoder import opened
from edgeocr.model.files.opening.decoding import perform
from edgeocr.model.files.opening.requests import CountPages, DecodeImage, DrawPage, LookAtPage, Request, pixel_bytes
from edgeocr.server.decoder.decoding import NO_MEMORY_SIGNALS
from edgeocr.server.decoder.messages import answer_from, answer_values, error_values
from edgeocr.server.decoder.process import DecoderProcess, Ended
from tests.checks.fuzz.harness import LIMITS
from tests.checks.fuzz.seeds import PASSWORD

_REDUCTIONS = (1, 2, 4, 8)
_MOST_BYTES, _SECONDS = 256 << 20, 60.0
"""Limits of a decoder process."""


def opening(data: bytes) -> None:
    """A byte that chooses the request, then a file."""
    if len(data) < 3 or (request := _request(data[0], data[1:])) is None:
        return
    descriptor = opened(data[1:])
    try:
        pixels = memoryview(mmap.mmap(-1, max(1, pixel_bytes(request))))
        values = answer_values(perform(request, descriptor, pixels))
    except (EdgeOcrError, MemoryError) as error:
        values = error_values(error)
    finally:
        os.close(descriptor)
    try:
        answer_from(request, json.dumps(values).encode())
    except (EdgeOcrError, MemoryError):
        assert "error" in values, values


def is_within_limits(data: bytes) -> bool:
    """Whether a decoder process answers an input or is ended by its own limits."""
    if len(data) < 3 or (request := _request(data[0], data[1:])) is None:
        return True
    process = DecoderProcess(_MOST_BYTES)
    try:
        process.ask(request, data[1:], (), _MOST_BYTES, _SECONDS)
        if process.wait(2 * _SECONDS):
            process.answer()
    except (EdgeOcrError, MemoryError):
        return True
    except Ended as ended:
        return ended.signal_number in NO_MEMORY_SIGNALS
    else:
        return True
    finally:
        process.end()


def _request(choice: int, file: bytes) -> Request | None:
    password = PASSWORD if choice & 4 else ""
    match choice & 3:
        case 0:
            return CountPages(password)
        case 1:
            return LookAtPage(choice >> 3 & 1, 72.0, bool(choice & 16), password)
        case 2:
            return DrawPage(choice >> 3 & 1, 50 + choice, 40, password)
        case _:
            return _image(file, _REDUCTIONS[choice >> 3 & 3])


def _image(file: bytes, reduction: int) -> DecodeImage | None:
    try:
        header = read_header(file)
    except (BadHeader, UnreadKind):
        return None
    if header is None or header.media_type not in raster.MEDIA_TYPES:
        return None
    if not 0 < header.width * header.height <= LIMITS.image_pixels:
        return None
    reduction = reduction if header.can_shrink else 1
    return DecodeImage(header.media_type, -(-header.width // reduction), -(-header.height // reduction), reduction)
