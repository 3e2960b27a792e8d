"""The process's memory and its limits, as counted by the kernel (proc(5), cgroups(7))."""

import os
import resource
from functools import cache
from pathlib import Path

from edgeocr.server.host.cgroup import cgroup_folders

EASE_BYTES = 300 << 20
"""A comfortable size, and the automatic budget on machines with little memory."""
_GROUP_SHARE, _MACHINE_SHARE = 7 / 8, 1 / 4
"""Fractions for the automatic budget: a control group is the server's own, a machine is shared."""
SMAPS_ROLLUP = Path("/proc/self/smaps_rollup")
STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Resident memory of this process; takes microseconds, and needs no new descriptor after the first call."""
    return int(os.pread(_statm(os.getpid()), 128, 0).split()[1]) * resource.getpagesize()


@cache
def _statm(_: int) -> int:
    """The process's statm, kept open so that memory can be monitored while no file can be opened."""
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
        asked_bytes: the setting; below 0 for a fraction of the available memory.
        group_bytes: lowest limit of the control groups; None without a limit.
        machine_bytes: the machine's memory.
    """
    if group_bytes is not None and group_bytes >= machine_bytes:
        # Version 1 states a large number for no limit.
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
