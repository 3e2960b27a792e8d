"""Expansion of the command line's paths: files, folders, patterns, URLs, standard input.

A path that matches no file keeps its position as an error, and is reported like an image that fails.
"""

import glob
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from edgeocr.client.errors import OcrError
from edgeocr.extras import MissingExtra
from edgeocr.sources import IMAGE_SUFFIXES, is_url
from edgeocr.url import FetchError, Url

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Input:
    """One image to read: its name in reports, and the error if it cannot be read."""

    path: str
    error: OcrError | None = None
    url: Url | None = None

    def source(self) -> bytes | str | OcrError:
        """The source for the client: the path, the error, or the bytes of standard input or a URL, fetched now."""
        if self.error is not None:
            return self.error
        if self.url is not None:
            return _fetched(self.url)
        return sys.stdin.buffer.read() if self.path == STANDARD_INPUT else self.path


@dataclass(slots=True)
class Inputs:
    """The images to read.

    Attributes:
        images: in order.
        skipped: number of files in folders that are skipped because of their suffix.
        folders: folders that were named, and the parents of named files; links are not followed.
        outputs: the output folder, which is not searched.
    """

    images: list[Input] = field(default_factory=list)
    skipped: int = 0
    folders: list[str] = field(default_factory=list)
    outputs: str | None = None


def expand(arguments: Iterable[str], *, outputs: str | None = None, private_urls: bool = False) -> Inputs:
    """Lists the images that the arguments name, in their order; those of a folder or pattern are sorted.

    Folders are searched recursively, except hidden files and folders, symbolic links to folders, and the folder
    `outputs`. Hosts of URLs must have public addresses only, unless `private_urls`.
    """
    inputs = Inputs(outputs=outputs)
    for argument in arguments:
        if is_url(argument):
            # S3 endpoints come from the user's own environment, so they are exempt.
            public_only = not private_urls and not argument.lower().startswith("s3:")
            inputs.images.append(Input(argument, url=Url(argument, public_only=public_only)))
        else:
            _expand(argument, inputs)
    return inputs


def _fetched(url: Url) -> bytes | OcrError:
    try:
        return url.read()
    except FetchError as error:
        return OcrError(grpc.StatusCode.INVALID_ARGUMENT, str(error))
    except MissingExtra as error:
        return OcrError(grpc.StatusCode.FAILED_PRECONDITION, str(error))
    except OSError as error:
        return OcrError(grpc.StatusCode.UNAVAILABLE, f"{url.text}: {error}")


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
        inputs.folders.append(os.path.dirname(os.path.abspath(path)))
        return
    inputs.folders.append(os.path.abspath(path))
    images: list[str] = []
    unreadable: list[OSError] = []
    for parent, folders, files in os.walk(path, onerror=unreadable.append):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not _is_same(os.path.join(parent, name), inputs.outputs)
        ]
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


def _is_same(folder: str, outputs: str | None) -> bool:
    return outputs is not None and os.path.realpath(folder) == os.path.realpath(outputs)


def _missing(path: str, message: str) -> Input:
    return Input(path, OcrError(grpc.StatusCode.NOT_FOUND, f"{message}: {path}"))
