"""Decoders of files whose headers do not bound the cost: in this process, or in another one that can be killed.

PDFium and Pillow are imported on first use: a server uses them in other processes only.
"""

import mmap
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from edgeocr.model.files.contents import Contents, StoredFile
from edgeocr.model.files.headers.values import READ_WHOLE, Header
from edgeocr.model.files.opening.requests import Answer, DecodedImage, DrawPage, Request, pixel_bytes
from edgeocr.model.pixels import Pixels

Patches = Sequence[tuple[int, bytes]]
"""Offsets in a file, and the bytes that replace those there."""

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Decoded:
    """The answer to a request, and its pixels, H×W×channels, if requested."""

    answer: Answer
    pixels: Pixels


class FileDecoder(Protocol):
    """Opens files."""

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Runs a request on a file.

        Raises:
            EdgeOcrError: the file is damaged, encrypted, or exceeds a limit.
            MemoryError: there is not enough memory.
        """


class LocalDecoder:
    """Opens files in this process; all instances together are for one thread at a time."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        """Takes a function that is called periodically while a page is drawn; its exceptions end the drawing."""
        self._check = check

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Runs a request on a file, see `FileDecoder`."""
        perform = import_module("edgeocr.model.files.opening.decoding").perform
        descriptor = opened(data, patches)
        try:
            pixels = mmap.mmap(-1, max(1, pixel_bytes(request)))
            answer = perform(request, descriptor, memoryview(pixels), self._check)
            return Decoded(answer, shaped(request, answer, pixels))
        finally:
            os.close(descriptor)


LOCAL = LocalDecoder()


def opened(data: Contents, patches: Patches = ()) -> int:
    """A descriptor, to be closed by the caller: of the file itself if it is on disk and needs no patches, else of an
    unnamed copy in memory."""
    if isinstance(data, StoredFile) and not patches:
        return data.opened()
    descriptor = os.memfd_create("file", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        for begin in range(0, len(data), _PIECE_BYTES):
            file.write(data[begin : begin + _PIECE_BYTES])
        for offset, patch in patches:
            file.seek(offset)
            file.write(patch)
    return descriptor


def copied_bytes(data: Contents, header: Header) -> int:
    """Bytes of a file's copy in memory while it is decoded."""
    is_read_in_parts = isinstance(data, StoredFile) and not header.patches and header.media_type not in READ_WHOLE
    return 0 if is_read_in_parts else len(data)


def shaped(request: Request, answer: Answer, pixels: mmap.mmap | None) -> Pixels:
    """A view of the memory that a request's pixels were written into, as an array."""
    if isinstance(answer, DecodedImage):
        shape = answer.height, answer.width, answer.samples.channels
    elif isinstance(request, DrawPage):
        shape = request.height, request.width, 3
    else:
        shape = 0, 0, 3
    return np.ndarray(shape, np.uint8, buffer=pixels)
