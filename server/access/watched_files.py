"""Values loaded from files that may change while the server runs: certificates, tokens."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from edgeocr.server.errors import StartError

Value = TypeVar("Value")
_Stamp = tuple[int, ...] | None

_log = logging.getLogger(__name__)


class WatchedFiles(Generic[Value]):
    """Loads a value from files, and again when one of them changes. Thread-safe.

    Each access to the value calls `stat` for every file, so that a change takes effect immediately. If the changed
    files cannot be loaded, this is logged once, and the last valid value stays in use.

    Attributes:
        setting: the setting that names the files.
        reloads: number of changes that were loaded (ok) or failed (error).
    """

    def __init__(self, setting: str, paths: Sequence[Path], load: Callable[[], Value]) -> None:
        """Takes the setting's name for the log, the files, and the function that loads the value.

        Raises:
            StartError: raised by `load` if files are missing or invalid.
        """
        self.setting = setting
        self._paths = paths
        self._load = load
        self._changing = threading.Lock()
        self.reloads = {"ok": 0, "error": 0}
        self._stamps = self._look()
        self._value = load()

    def current(self) -> Value:
        """The value of the current files, or the last valid value."""
        with self._changing:
            # Stamps are taken before reading, so that a change in between is noticed at the next access.
            if (stamps := self._look()) != self._stamps:
                self._stamps = stamps
                self._reload()
            return self._value

    def _reload(self) -> None:
        try:
            self._value = self._load()
        except StartError as error:
            _log.error("%s; the previous value stays in use", error)
            self.reloads["error"] += 1
        else:
            self.reloads["ok"] += 1
            _log.info("%s: reloaded", self.setting)

    def _look(self) -> Sequence[_Stamp]:
        return [_stamp(path) for path in self._paths]


def read_file(setting: str, path: Path, *, secret: bool = False) -> bytes:
    """Reads a file that a setting names; warns if it is secret but readable by others.

    Raises:
        StartError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            if secret and os.fstat(file.fileno()).st_mode & 0o007:
                _log.warning("%s: %s is a secret that every user of this machine can read", setting, path)
            return file.read()
    except OSError as error:
        raise StartError(f"{setting}: {path}: cannot be read: {error.strerror}") from None


def _stamp(path: Path) -> _Stamp:
    """A stamp that changes when a file is written or replaced, also behind a symbolic link; None if there is no
    file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
