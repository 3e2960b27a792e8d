"""What memory this process holds and may hold, as the kernel counts it (proc(5), cgroups(7))."""

import os
import resource
from functools import cache
from pathlib import Path

from edgeocr.server.host.cgroup import cgroup_folders

EASE_BYTES = 300 << 20
"""What a server is at ease with, and the automatic budget where the machine has little memory."""
_GROUP_SHARE, _MACHINE_SHARE = 7 / 8, 1 / 4
"""For the automatic budget: a group is the server's own, while a machine has others to serve."""
SMAPS_ROLLUP = Path("/proc/self/smaps_rollup")
STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """What of this process is in memory; costs microseconds, and no descriptor from the second time on."""
    return int(os.pread(_statm(os.getpid()), 128, 0).split()[1]) * resource.getpagesize()


@cache
def _statm(_: int) -> int:
    """A process's own statm, which is kept open: memory is watched, too, while no file can be opened."""
    return os.open(STATM, os.O_RDONLY | os.O_CLOEXEC)


def limit_bytes(folders: list[Path] | None = None) -> int | None:
    """The lowest limit of this process's control groups; None if there is none."""
    limits = []
    for folder in cgroup_folders("memory") if folders is None else folders:
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                limits.append(int((folder / name).read_text()))
            except (OSError, ValueError):
                # No such group or version, or "max".
                continue
    return min(limits, default=None)


def machine_bytes() -> int:
    """All memory of the machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def budget_bytes(asked_bytes: int, group_bytes: int | None, machine_bytes: int) -> int:
    """The memory budget in bytes.

    Args:
        asked_bytes: what the setting says; below 0 for a share of what there is.
        group_bytes: the control groups' lowest limit; None if there is none.
        machine_bytes: the machine's memory.
    """
    if group_bytes is not None and group_bytes >= machine_bytes:
        # Version 1 has a number for no limit.
        group_bytes = None
    if asked_bytes >= 0:
        return min(asked_bytes, group_bytes or asked_bytes)
    if group_bytes is not None:
        return round(group_bytes * _GROUP_SHARE)
    return max(EASE_BYTES, round(machine_bytes * _MACHINE_SHARE))


def memory_bytes() -> dict[str, int]:
    """Bytes by kind: `anonymous`, `pss` (shared pages divided among their users) and `cgroup`, where known."""
    return {**_process_bytes(SMAPS_ROLLUP), **_cgroup_bytes(cgroup_folders("memory"))}


def _process_bytes(smaps_rollup: Path) -> dict[str, int]:
    try:
        lines = smaps_rollup.read_text().splitlines()
    except OSError:
        return {}
    values = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    return {name.lower(): int(values[name][0]) * 1024 for name in ("Anonymous", "Pss") if name in values}


def _cgroup_bytes(folders: list[Path]) -> dict[str, int]:
    for folder in folders:
        for name in ("memory.current", "memory.usage_in_bytes"):
            try:
                return {"cgroup": int((folder / name).read_text())}
            except OSError:
                continue
    return {}
