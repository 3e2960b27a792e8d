"""Decoders of files whose cost no header bounds: in this process, or in another one that can be ended.

What opens them here, PDFium and Pillow, is loaded when it is first needed: a server has other processes for that.
"""

import mmap
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np

from edgeocr.model.files.opening.requests import Answer, DecodedImage, DrawPage, Request, pixel_bytes
from edgeocr.model.pixels import Pixels

Patches = Iterable[tuple[int, bytes]]
"""Offsets in a file, and what is to be found there instead."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a request was answered with, and its pixels, H×W×channels; none where it asked for none."""

    answer: Answer
    pixels: Pixels


class FileDecoder(Protocol):
    """Opens files."""

    def decode(self, request: Request, data: bytes, patches: Patches = ()) -> Decoded:
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

    def decode(self, request: Request, data: bytes, patches: Patches = ()) -> Decoded:
        """Does what is asked with a file, see `FileDecoder`."""
        perform = import_module("edgeocr.model.files.opening.decoding").perform
        descriptor = file_in_memory(data, patches)
        try:
            pixels = mmap.mmap(-1, max(1, pixel_bytes(request)))
            answer = perform(request, descriptor, memoryview(pixels), self._check)
            return Decoded(answer, shaped(request, answer, pixels))
        finally:
            os.close(descriptor)


LOCAL = LocalDecoder()


def file_in_memory(data: bytes, patches: Patches = ()) -> int:
    """The descriptor of a file that has no name, and is gone once it is closed everywhere."""
    descriptor = os.memfd_create("file", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
        for offset, patch in patches:
            file.seek(offset)
            file.write(patch)
    return descriptor


def shaped(request: Request, answer: Answer, pixels: mmap.mmap | None) -> Pixels:
    """Memory that a request's pixels were written into, as an array of them, without a copy."""
    if isinstance(answer, DecodedImage):
        shape = answer.height, answer.width, answer.samples.channels
    elif isinstance(request, DrawPage):
        shape = request.height, request.width, 3
    else:
        shape = 0, 0, 3
    return np.ndarray(shape, np.uint8, buffer=pixels)
