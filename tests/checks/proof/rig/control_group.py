"""A control group with a limit on its memory, which takes root and a writable /sys/fs/cgroup."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_NUMBERS = itertools.count()


class NoGroupError(Exception):
    """This machine, or this user, cannot have one; the text says why."""


@dataclass(frozen=True)
class Group:
    """A control group of either version."""

    folder: Path
    peak_file: str
    kills_file: str

    def peak_bytes(self) -> int:
        return int((self.folder / self.peak_file).read_text())

    def kills(self) -> int:
        rows = (self.folder / self.kills_file).read_text().splitlines()
        return next(int(row.split()[1]) for row in rows if row.startswith("oom_kill "))

    def launcher(self) -> list[str]:
        """A command that enters the group and becomes the command after it."""
        return ["sh", "-c", f'echo $$ > {self.folder}/cgroup.procs && exec "$0" "$@"']


@contextmanager
def limited_group(limit_bytes: int) -> Iterator[Group]:
    """A group that may take so much memory, and no swap.

    Raises:
        NoGroupError: none can be made here.
    """
    first = (_ROOT / "memory").is_dir()
    folder = (_ROOT / "memory" if first else _ROOT) / f"edgeocr-proof-{os.getpid()}-{next(_NUMBERS)}"
    try:
        folder.mkdir()
    except OSError as error:
        raise NoGroupError(f"no control group can be made at {folder}: {error.strerror}") from None
    try:
        try:
            # Without the controller for memory, the file is not there.
            (folder / ("memory.limit_in_bytes" if first else "memory.max")).write_text(f"{limit_bytes:d}")
        except (PermissionError, FileNotFoundError) as error:
            raise NoGroupError(f"{folder} can have no limit on its memory: {error.strerror}") from None
        with suppress(OSError):
            if first:
                (folder / "memory.memsw.limit_in_bytes").write_text(f"{limit_bytes:d}")
            else:
                (folder / "memory.swap.max").write_text("0")
        if first:
            yield Group(folder, "memory.max_usage_in_bytes", "memory.oom_control")
        else:
            yield Group(folder, "memory.peak", "memory.events")
    finally:
        with suppress(OSError):
            folder.rmdir()
