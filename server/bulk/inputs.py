"""The files to read: files, folders (recursively) and lists, on this machine or behind URLs.

URLs are those of pyarrow: file://, s3:// and gs://, with credentials from the usual variables (AWS_ACCESS_KEY_ID,
AWS_ENDPOINT_URL and so on).
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pyarrow import ArrowException
from pyarrow.fs import FileSelector, FileSystem, FileType, LocalFileSystem

from edgeocr.server.bulk.errors import BulkError
from edgeocr.sources import IMAGE_SUFFIXES


def locate(place: str) -> tuple[FileSystem, str]:
    """The file system of a path or URL, and its path there.

    Raises:
        BulkError: the URL is invalid or unsupported.
    """
    if "://" not in place:
        return LocalFileSystem(), os.path.abspath(place)
    try:
        system, path = FileSystem.from_uri(place)
    except (ArrowException, OSError) as error:
        raise BulkError(f"{place}: {error}") from None
    return system, path


def expand(places: Iterable[str], lists: Iterable[Path]) -> list[str]:
    """Every file that is meant, once and sorted; those of this machine by their absolute paths.

    Args:
        places: paths and URLs of files and folders. A folder's hidden files and folders are left out, and what is no
            image by its name.
        lists: files with one path or URL of a file in each line, which are not looked at before they are read.

    Raises:
        BulkError: a place is not there, or a list cannot be read.
    """
    found: set[str] = set()
    for place in places:
        found.update(_files(place))
    for file in lists:
        found.update(_listed(file))
    return sorted(found)


def read_bytes(name: str) -> bytes:
    """The file behind a name that `expand` gave.

    Raises:
        OSError: it cannot be read.
        BulkError: the URL is invalid or unsupported.
    """
    system, path = locate(name)
    with system.open_input_stream(path) as file:
        data: bytes = file.read()
    return data


def _files(place: str) -> Iterator[str]:
    system, path = locate(place)
    prefix = place[: len(place) - len(path)] if place.endswith(path) else place.partition("://")[0] + "://"
    prefix = prefix if "://" in place else ""
    try:
        info = system.get_file_info(path)
        if info.type is FileType.NotFound:
            raise BulkError(f"{place}: does not exist")
        if info.type is FileType.File:
            yield prefix + path
            return
        for file in system.get_file_info(FileSelector(path, recursive=True)):
            if file.type is FileType.File and _is_image(PurePosixPath(file.path).relative_to(path)):
                yield prefix + file.path
    except OSError as error:
        raise BulkError(f"{place}: {error}") from None


def _is_image(path: PurePosixPath) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not any(part.startswith(".") for part in path.parts)


def _listed(file: Path) -> Iterator[str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BulkError(f"{file}: {error}") from None
    for line in lines:
        if name := line.strip():
            yield name if "://" in name else os.path.abspath(name)
