"""The spool: large files wait in unnamed files on disk, so that nothing remains of them however the process ends."""

import asyncio
import ctypes
import errno
import logging
import math
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edgeocr.model.errors import Limit, OutOfMemory
from edgeocr.model.files.contents import StoredFile
from edgeocr.server.errors import SpoolFull

_log = logging.getLogger(__name__)
_FREE_SHARE = 1 / 2
"""Fraction of the free disk space that files may take."""
MOST_FILES = 256
"""Maximum number of files, each of which needs a descriptor."""
_RETRY_SECONDS = 10.0
_TELL_SECONDS = 60.0
"""Period between log lines about a failing disk."""
_IN_MEMORY = {0x01021994: "tmpfs", 0x858458F6: "ramfs"}
"""File systems that are not on a disk (statfs(2))."""
_NOTHING_LEFT = frozenset({errno.ENOMEM, errno.EMFILE, errno.ENFILE})


class Spool:
    """Creates files, and writes them on its own thread, so that a slow disk delays only the files' callers.

    Attributes:
        most_bytes: maximum size of all files together.
        from_bytes: files up to this size stay in memory.
        least_bytes: minimum size that a file counts as.
    """

    def __init__(self, folder: Path, most_bytes: int, from_bytes: int) -> None:
        self.most_bytes = int(most_bytes)
        self.from_bytes = from_bytes
        self.least_bytes = max(from_bytes, -(-most_bytes // MOST_FILES))
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "spool")
        # Starts the thread before memory is measured.
        self._thread.submit(lambda: None).result()
        self._told = -math.inf

    async def append(self, file: StoredFile | None, parts: Sequence[bytes | bytearray]) -> StoredFile:
        """Appends parts to a file, or to a new file.

        Raises:
            SpoolFull: the disk is full or fails.
            OutOfMemory: there are no file descriptors.
        """
        loop = asyncio.get_running_loop()
        try:
            written = await loop.run_in_executor(self._thread, self._append, file, parts)
        except OSError as error:
            raise self._refusal(error) from None
        return written

    def _append(self, file: StoredFile | None, parts: Sequence[bytes | bytearray]) -> StoredFile:
        file = file or _nameless(self._folder)
        for part in parts:
            file.append(part)
        return file

    def _refusal(self, error: OSError) -> OutOfMemory | SpoolFull:
        if error.errno in _NOTHING_LEFT:
            return OutOfMemory()
        if time.monotonic() > self._told + _TELL_SECONDS:
            self._told = time.monotonic()
            _log.warning("large files cannot be written to %s (spool_dir): %s", self._folder, error.strerror)
        return SpoolFull(
            f"image: the server's disk takes no large files now (spool_dir): {error.strerror}",
            Limit("spool_bytes", self.most_bytes, self.most_bytes + 1),
            _RETRY_SECONDS,
        )

    def close(self) -> None:
        """Waits for pending writes."""
        self._thread.shutdown()


def open_spool(folder: Path, most_bytes: int, from_bytes: int) -> Spool | None:
    """Opens a spool in a folder, of at most half of its free space; returns None and logs the reason if it is
    unusable."""
    reason = ""
    try:
        if (kind := _IN_MEMORY.get(_file_system(folder))) is not None:
            reason = f"it is in memory ({kind})"
        _nameless(folder)
        most_bytes = min(most_bytes, round(shutil.disk_usage(folder).free * _FREE_SHARE))
        if most_bytes < 2 * from_bytes:
            reason = f"it has room for only {most_bytes} bytes"
    except OSError as error:
        reason = error.strerror or "it is not writable"
    if reason:
        _log.warning("large files stay in memory, which limits their size, since %s is not used: %s", folder, reason)
        return None
    return Spool(folder, most_bytes, from_bytes)


def _nameless(folder: Path) -> StoredFile:
    """An unnamed file; if the file system supports those directly, not even a crash leaves a file behind."""
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        return StoredFile(os.dup(file.fileno()))


def _file_system(folder: Path) -> int:
    """The type of a folder's file system, from its magic number."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = (ctypes.c_long * 64)()
    if libc.statfs(os.fsencode(folder), found):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(found[0]) & 0xFFFFFFFF
