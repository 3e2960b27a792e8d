"""What the command line's paths stand for: files, files in folders, files that match a pattern, standard input.

A path that stands for nothing stays in its place as an error, so that it is answered like an image that fails.
"""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc

from edgeocr.client.errors import OcrError

STANDARD_INPUT = "-"

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".pdf"})
"""What counts as an image or a document in a folder, in lower case; a file that is named itself may have any suffix."""


@dataclass(frozen=True, slots=True)
class Input:
    """One image to be read: the name it is reported by, and why there is none where that is so already."""

    path: str
    error: OcrError | None = None

    def source(self) -> bytes | str | OcrError:
        """What the client reads: the path, the bytes of standard input (taken now), or the error."""
        if self.error is not None:
            return self.error
        return sys.stdin.buffer.read() if self.path == STANDARD_INPUT else self.path


def expand(arguments: Iterable[str]) -> list[Input]:
    """Lists the images behind the arguments: these in their order, the images of a folder or pattern sorted.

    Folders are searched to their depths, but for hidden files and folders and for symbolic links to folders.
    """
    return [found for argument in arguments for found in _expand(argument)]


def _expand(argument: str) -> Iterator[Input]:
    if argument == STANDARD_INPUT or os.path.lexists(argument) or not glob.has_magic(argument):
        yield from _expand_path(argument)
        return
    matches = sorted(glob.glob(argument, recursive=True))
    if not matches:
        yield _missing(argument, "No file matches this pattern")
    for match in matches:
        yield from _expand_path(match)


def _expand_path(path: str) -> Iterator[Input]:
    if not os.path.isdir(path):
        yield Input(path)
        return
    images, unreadable = _search(path)
    if not images and not unreadable:
        yield _missing(path, "No image is in this folder")
    yield from map(Input, images)
    for error in unreadable:
        name = str(error.filename)
        yield Input(name, OcrError(grpc.StatusCode.PERMISSION_DENIED, f"{error.strerror}: {name}"))


def _search(folder: str) -> tuple[list[str], list[OSError]]:
    images: list[str] = []
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        images.extend(os.path.join(parent, name) for name in files if _is_image(name))
    return sorted(images), unreadable


def _is_image(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES


def _missing(path: str, message: str) -> Input:
    return Input(path, OcrError(grpc.StatusCode.NOT_FOUND, f"{message}: {path}"))
