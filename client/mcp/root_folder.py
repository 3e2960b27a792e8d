"""The only folder whose files language models can have read.

Paths are opened from the folder's descriptor, one name at a time without following links, so that files outside cannot
be reached even if the tree changes meanwhile.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from edgeocr.sources import IMAGE_SUFFIXES

MOST_NAMES = 500
"""Maximum number of names in one list."""
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_NO_LINK = (errno.ELOOP, errno.ENOTDIR)


class Refused(Exception):
    """A file cannot be read; the text says why."""


class RootFolder:
    """A folder, open until it is closed."""

    def __init__(self, path: str) -> None:
        """Opens it; raises OSError if it cannot be."""
        self.path = os.path.realpath(path)
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Closes it."""
        os.close(self._descriptor)

    def read(self, path: str, most_bytes: int) -> bytes:
        """Reads a file of at most `most_bytes` bytes.

        Raises:
            Refused: the file is not below the folder, does not exist, is not a regular file, is too large, or cannot be
                read.
        """
        with self._opened(path, os.O_RDONLY) as descriptor:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Refused(f"{path}: is not a file; list_files names those that can be read")
            if status.st_size > most_bytes:
                raise Refused(f"{path}: {status.st_size} bytes, at most {most_bytes} are read")
            with os.fdopen(os.dup(descriptor), "rb") as file:
                return file.read(most_bytes)

    def names(self, folder: str) -> tuple[list[str], bool]:
        """The paths of images and documents in a folder and its subfolders, sorted, and whether there are more.

        Raises:
            Refused: the folder is not below this one, does not exist, or is not a folder.
        """
        with self._opened(folder, os.O_DIRECTORY) as descriptor:
            found = sorted(_walk(descriptor, PurePosixPath(folder)))
        return found[:MOST_NAMES], len(found) > MOST_NAMES

    @contextmanager
    def _opened(self, path: str, flags: int) -> Iterator[int]:
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or "\0" in path or not _can_be_told(path):
            raise Refused(f"{path!r}: must be a path below the served folder, such as scans/a.pdf, without '..'")
        descriptor = os.dup(self._descriptor)
        try:
            for place, name in enumerate(parts, 1):
                wanted = flags if place == len(parts) else os.O_DIRECTORY
                inner = os.open(name, _FLAGS | wanted, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        except OSError as error:
            if error.errno in _NO_LINK:
                raise Refused(f"{path}: leads through a link, which is not followed, or a file") from None
            if error.errno == errno.ENOENT:
                raise Refused(f"{path}: does not exist; list_files names the files that do") from None
            raise Refused(f"{path}: cannot be read: {error.strerror}") from None
        finally:
            os.close(descriptor)


def _can_be_told(name: str) -> bool:
    """Whether a name is valid UTF-8, and so can be sent in JSON."""
    return name.isascii() or name == name.encode("utf-8", "replace").decode()


def _walk(descriptor: int, folder: PurePosixPath) -> Iterator[str]:
    for place, folders, files, opened in os.fwalk(".", dir_fd=descriptor, follow_symlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and _can_be_told(name))
        for name in files:
            if name.startswith(".") or Path(name).suffix.lower() not in IMAGE_SUFFIXES or not _can_be_told(name):
                continue
            if stat.S_ISREG(os.stat(name, dir_fd=opened, follow_symlinks=False).st_mode):
                yield str(folder / place / name)
