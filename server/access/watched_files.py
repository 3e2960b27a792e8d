"""Values made from files that may change while the server runs: certificates, tokens."""

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
    """Makes a value from files, and again when one of them changes; for any number of threads.

    Files are looked at whenever the value is asked for, which costs a `stat` for each: there is no time in which a
    change was made but does not count. A change that gives no value is logged once, and the last good value stands.

    Attributes:
        setting: the name of the setting that names the files.
        reloads: how many changes gave a value (ok), and how many none (error).
    """

    def __init__(self, setting: str, paths: Sequence[Path], load: Callable[[], Value]) -> None:
        """Takes the setting's name for the log, the files, and what makes the value.

        Raises:
            StartError: by `load`, which says so of files that are missing or wrong.
        """
        self.setting = setting
        self._paths = paths
        self._load = load
        self._changing = threading.Lock()
        self.reloads = {"ok": 0, "error": 0}
        self._stamps = self._look()
        self._value = load()

    def current(self) -> Value:
        """The value of the files as they are, or as they were when they last gave one."""
        with self._changing:
            # Stamps are taken before the files are read: a change in between is found the next time.
            if (stamps := self._look()) != self._stamps:
                self._stamps = stamps
                self._reload()
            return self._value

    def _reload(self) -> None:
        try:
            self._value = self._load()
        except StartError as error:
            _log.error("%s; what was loaded before stays", error)
            self.reloads["error"] += 1
        else:
            self.reloads["ok"] += 1
            _log.info("%s: reloaded", self.setting)

    def _look(self) -> Sequence[_Stamp]:
        return [_stamp(path) for path in self._paths]


def read_file(setting: str, path: Path, *, secret: bool = False) -> bytes:
    """A file that a setting names; a secret one that others may read is warned of.

    Raises:
        StartError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if secret and os.fstat(file.fileno()).st_mode & 0o007:
                _log.warning("%s: %s is a secret that every user of this machine can read", setting, path)
            return file.read()
    except OSError as error:
        raise StartError(f"{setting}: {path}: cannot be read: {error.strerror}") from None


def _stamp(path: Path) -> _Stamp:
    """What differs once a file was written or replaced, also behind a symbolic link; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
