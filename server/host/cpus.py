"""The number of usable processors, by affinity mask and cgroup quota rather than the machine's count."""

import math
import os
from pathlib import Path

from edgeocr.server.host.cgroup import MEMBERSHIP, ROOT, cgroup_folders


def usable_cpus(root: Path = ROOT, membership: Path = MEMBERSHIP, affinity: int | None = None) -> int:
    """The number of usable processors, at least 1; `affinity` is the number of allowed processors, by default
    sched_getaffinity's.

    A fractional quota is rounded up: it keeps the last processor busy part of the time.
    """
    quotas = map(_quota_cpus, cgroup_folders("cpu", root, membership))
    most = affinity or len(os.sched_getaffinity(0))
    return max(1, min([most, *(math.ceil(quota) for quota in quotas if quota is not None)]))


def _quota_cpus(folder: Path) -> float | None:
    """The quota of one group in processors, by version 2's cpu.max or version 1's two files; None for no limit."""
    try:
        quota, period = (folder / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        except OSError:
            return None
    if quota == "max" or int(quota) <= 0:
        return None
    return int(quota) / int(period)
