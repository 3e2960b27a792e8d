"""Decoders of files whose cost no header bounds: in this process, or in another one that can be ended.

What opens them here, PDFium and Pillow, is loaded when it is first needed: a server has other processes for that.
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
"""Offsets in a file, and what is to be found there instead."""

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a request was answered with, and its pixels, H×W×channels; none where it asked for none."""

    answer: Answer
    pixels: Pixels


class FileDecoder(Protocol):
    """Opens files."""

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Does what is asked with a file.

        Raises:
            EdgeOcrError: the file is damaged, locked, or more than is read.
            MemoryError: there is no memory for it.
        """


class LocalDecoder:
    """Opens files in this process; for one thread at a time, all of its kind taken together."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        """Takes what is called now and then while a page is drawn; what it raises ends that."""
        self._check = check

    def decode(self, request: Request, data: Contents, patches: Patches = ()) -> Decoded:
        """Does what is asked with a file, see `FileDecoder`."""
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
    """A descriptor to be closed: of the file itself if it is on disk and nothing in it is to differ, else of a copy
    in memory, which has no name and is gone then."""
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
    """How much of a file is in memory, in addition to its pixels and to what holds it, while it is decoded."""
    is_read_in_parts = isinstance(data, StoredFile) and not header.patches and header.media_type not in READ_WHOLE
    return 0 if is_read_in_parts else len(data)


def shaped(request: Request, answer: Answer, pixels: mmap.mmap | None) -> Pixels:
    """Memory that a request's pixels were written into, as an array of them, without a copy."""
    if isinstance(answer, DecodedImage):
        shape = answer.height, answer.width, answer.samples.channels
    elif isinstance(request, DrawPage):
        shape = request.height, request.width, 3
    else:
        shape = 0, 0, 3
    return np.ndarray(shape, np.uint8, buffer=pixels)
