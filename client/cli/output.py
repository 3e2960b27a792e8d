"""Outputs of commands: files that are written atomically, devices and pipes.

A regular file is written in its target's folder, flushed to disk, and moved into place at the end; until then an
existing file stays as it is. Devices, pipes and standard output are written directly.
"""

import io
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar, Self, cast

from edgeocr.client.printable import PrintableStream

STANDARD_OUTPUT = "-"
_STREAMS = ("/dev/fd/", "/dev/std", "/proc/")
"""Prefixes of paths that name an open file, which cannot be replaced."""


class OutputError(Exception):
    """The output could not be written; the text says in one line where and why."""


@contextmanager
def output_errors(name: str) -> Iterator[None]:
    """Turns errors of writing to an output of that name into OutputError, except for a closed pipe."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"{name}: cannot be written: {error.strerror or error}") from None


class Output:
    """An open output, for use in `with`: anything not committed at its end is discarded."""

    takes_place: ClassVar[bool] = False
    """Whether the file is invisible until it is committed."""

    def __init__(self, name: str, stream: IO[Any]) -> None:
        self.name = name
        self.stream = stream

    def __enter__(self) -> Self:
        """Returns the output itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    def commit(self) -> None:
        """Flushes what was written.

        Raises:
            OutputError: it could not be written.
        """
        with output_errors(self.name):
            self.stream.flush()

    def close(self) -> None:
        """Releases the output; discards it if it is not committed."""


class _Opened(Output):
    """A device or a pipe."""

    def close(self) -> None:
        """Closes the file; `commit` has reported write errors."""
        with suppress(OSError):
            self.stream.close()


class _WholeFile(Output):
    """A regular file, moved into place when it is committed."""

    takes_place: ClassVar[bool] = True

    def __init__(self, path: str, *, binary: bool) -> None:
        """Opens a file in the folder of its target.

        Raises:
            OSError: the folder or an existing file is not writable.
        """
        # Replaces the target of a symbolic link, and keeps the link.
        self._target = Path(os.path.realpath(path))
        before = None
        # Fails here if the name is too long, before anything is written.
        with suppress(FileNotFoundError):
            before = self._target.stat()
        if before is not None:
            # A file that is not writable is not replaced either.
            os.close(os.open(self._target, os.O_WRONLY | os.O_CLOEXEC))
        self._folder = os.open(self._target.parent, os.O_RDONLY | os.O_DIRECTORY)
        self._linked: str | None = None
        try:
            descriptor = self._open()
            if before is not None:
                with suppress(PermissionError):
                    os.fchown(descriptor, before.st_uid, before.st_gid)
                os.fchmod(descriptor, stat.S_IMODE(before.st_mode))
        except BaseException:
            self.close_folder()
            raise
        self._binary = cast(BinaryIO, os.fdopen(descriptor, "w+b"))
        super().__init__(path, self._binary if binary else _as_text(self._binary))

    def _open(self) -> int:
        """Opens an unnamed file, which disappears with the process, or else a named one."""
        try:
            return os.open(self._target.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except PermissionError:
            raise
        except OSError:
            # Not every file system supports unnamed files.
            self._linked = _temporary_name()
            return os.open(self._linked, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=self._folder)

    def commit(self) -> None:
        """Flushes the file to disk and moves it into place."""
        with output_errors(self.name):
            self.stream.flush()
            os.fsync(self._binary.fileno())
            if self._linked is None:
                name = _temporary_name()
                # The entry in /proc/self/fd is a symbolic link, which link() follows only on request.
                source = f"/proc/self/fd/{self._binary.fileno()}"
                os.link(source, name, dst_dir_fd=self._folder, follow_symlinks=True)
                self._linked = name
            os.replace(self._linked, self._target.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            self._linked = None
        with suppress(OSError):
            # Some file systems do not flush folders.
            os.fsync(self._folder)

    def close(self) -> None:
        """Closes the file, and removes it if it was not committed."""
        # Buffered data belongs to a discarded file, or has been flushed.
        with suppress(OSError):
            self.stream.close()
        if self._linked is not None:
            with suppress(OSError):
                os.unlink(self._linked, dir_fd=self._folder)
        self.close_folder()

    def close_folder(self) -> None:
        """Closes the folder."""
        os.close(self._folder)


def open_output(path: str | None, *, binary: bool, encoding: str = "utf-8") -> Output:
    """Opens an output.

    Args:
        path: a file, device or pipe; None and "-" are standard output.
        binary: whether the output takes bytes rather than text.
        encoding: text encoding of standard output (files are UTF-8); characters that it lacks are escaped.

    Raises:
        OSError: the folder does not exist or is not writable.
    """
    if path is None or path == STANDARD_OUTPUT:
        return Output("standard output", sys.stdout.buffer if binary else _standard_text(encoding))
    status = _status(Path(path))
    if os.path.abspath(path).startswith(_STREAMS) or (status is not None and not stat.S_ISREG(status.st_mode)):
        opened = os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC), "wb")
        return _Opened(path, opened if binary else _as_text(opened))
    return _WholeFile(path, binary=binary)


def input_written_to(path: str | None, inputs: Iterable[str]) -> str | None:
    """The input that the output would replace, also through links; None if there is none."""
    status = _status(Path(path)) if path is not None else None
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    for name in inputs:
        found = _status(Path("/dev/stdin" if name == STANDARD_OUTPUT else name))
        if found is not None and os.path.samestat(found, status):
            return name
    return None


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _temporary_name() -> str:
    return f".edgeocr-{secrets.token_hex(8)}.part"


def _as_text(binary: BinaryIO) -> io.TextIOWrapper:
    return io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="\n")


def _standard_text(encoding: str) -> IO[str]:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    return cast(IO[str], PrintableStream(sys.stdout)) if sys.stdout.isatty() else sys.stdout
