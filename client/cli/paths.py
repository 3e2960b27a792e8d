"""Expansion of the command line's paths: files, folders, patterns, standard input.

A path that stands for nothing stays in its place as an error, so that it is answered like an image that fails.
"""

import glob
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from edgeocr.client.errors import OcrError

STANDARD_INPUT = "-"

IMAGE_SUFFIXES = frozenset(
    {
        *(".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".pdf"),
        *(".jp2", ".j2k", ".j2c", ".jpf", ".jpx", ".avif", ".heic", ".heif", ".pnm", ".pbm", ".pgm", ".ppm", ".ico"),
    }
)
"""Suffixes of the files that are read in folders, in lower case; a file that is named itself may have any suffix."""


@dataclass(frozen=True, slots=True)
class Input:
    """One image to read: its name in reports, and the error if it cannot be read."""

    path: str
    error: OcrError | None = None

    def source(self) -> bytes | str | OcrError:
        """What the client reads: the path, the bytes of standard input (taken now), or the error."""
        if self.error is not None:
            return self.error
        return sys.stdin.buffer.read() if self.path == STANDARD_INPUT else self.path


@dataclass(slots=True)
class Inputs:
    """The images to read, and the number of files in folders that were skipped because of their suffix."""

    images: list[Input] = field(default_factory=list)
    skipped: int = 0


def expand(arguments: Iterable[str]) -> Inputs:
    """Lists the images behind the arguments: these in their order, the images of a folder or pattern sorted.

    Folders are searched to their depths, but for hidden files and folders and for symbolic links to folders.
    """
    inputs = Inputs()
    for argument in arguments:
        _expand(argument, inputs)
    return inputs


def _expand(argument: str, inputs: Inputs) -> None:
    if argument == STANDARD_INPUT or os.path.lexists(argument) or not glob.has_magic(argument):
        _expand_path(argument, inputs)
        return
    matches = sorted(glob.glob(argument, recursive=True))
    if not matches:
        inputs.images.append(_missing(argument, "No file matches this pattern"))
    for match in matches:
        _expand_path(match, inputs)


def _expand_path(path: str, inputs: Inputs) -> None:
    if not os.path.isdir(path):
        inputs.images.append(Input(path))
        return
    images: list[str] = []
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(path, onerror=unreadable.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        seen = [name for name in files if not name.startswith(".")]
        found = [os.path.join(parent, name) for name in seen if Path(name).suffix.lower() in IMAGE_SUFFIXES]
        images += found
        inputs.skipped += len(seen) - len(found)
    if not images and not unreadable:
        inputs.images.append(_missing(path, "No image is in this folder"))
    inputs.images += map(Input, sorted(images))
    for error in unreadable:
        name = str(error.filename)
        inputs.images.append(Input(name, OcrError(grpc.StatusCode.PERMISSION_DENIED, f"{error.strerror}: {name}")))


def _missing(path: str, message: str) -> Input:
    return Input(path, OcrError(grpc.StatusCode.NOT_FOUND, f"{message}: {path}"))
