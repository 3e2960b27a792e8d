"""How many processors this process may use: the affinity mask and the cgroup's quota, not the machine's count."""

import math
import os
from pathlib import Path

from edgeocr.server.host.cgroup import MEMBERSHIP, ROOT, cgroup_folders


def usable_cpus(root: Path = ROOT, membership: Path = MEMBERSHIP, affinity: int | None = None) -> int:
    """At least 1; `affinity` is how many this process may run on, by default what the kernel says.

    A quota with a fraction counts as the next whole processor, which it can keep busy most.
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
