"""What a process holds and has used, as the kernel counts it (proc(5))."""

import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def status_bytes(pid: int, name: str) -> int:
    """A size from /proc/PID/status: VmRSS is resident memory, RssAnon its private part, VmHWM its highest so far."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith(name + ":"))) * 1024


def cpu_seconds(pid: int) -> float:
    """Processor time of all its threads, its own and the kernel's for it."""
    # The name in parentheses may hold anything; utime and stime are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def threads(pid: int) -> int:
    """How many threads it has."""
    return len(os.listdir(f"/proc/{pid}/task"))


def open_files(pid: int) -> int:
    """How many file descriptors it has open, sockets included."""
    return len(os.listdir(f"/proc/{pid}/fd"))
