"""Folders that look like the proc and sys of machines that are not here."""

from collections.abc import Mapping
from pathlib import Path

from edgeocr.server.doctor.system import System

NOW = 1_795_000_000.0

_KUNPENG_PROCESSOR = """processor	: {number}
BogoMIPS	: 200.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma dcpop asimddp
CPU implementer	: 0x48
CPU architecture: 8
CPU variant	: 0x1
CPU part	: 0xd01
CPU revision	: 0
"""
_STATUS = "Name:\tpython\nCpus_allowed_list:\t{processors}\nMems_allowed_list:\t{nodes}\n"
_LIMITS = "Limit                     Soft Limit           Hard Limit\nMax open files            {}              20000\n"
_SMAPS = "ffff0000-ffff1000 r-xp 00000000 00:00 0\nSize:                 64 kB\nKernelPageSize:       {} kB\n"


def made(root: Path, files: Mapping[str, str]) -> System:
    """A machine with these files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return System(root)


def kunpeng(
    processors: str = "0-127",
    nodes: str = "0-3",
    page_kilobytes: int = 64,
    governor: str = "performance",
    node_kilobytes: int = 66_052_096,
) -> dict[str, str]:
    """Two Kunpeng 920 of 64 cores: four NUMA nodes of 32."""
    files = {
        "proc/cpuinfo": "\n".join(_KUNPENG_PROCESSOR.format(number=number) for number in range(128)),
        "proc/self/status": _STATUS.format(processors=processors, nodes=nodes),
        "proc/self/limits": _LIMITS.format(1024),
        "proc/self/smaps": _SMAPS.format(page_kilobytes),
        "proc/self/cgroup": "0::/\n",
        "proc/meminfo": meminfo(4 * node_kilobytes, 2 * node_kilobytes),
        "sys/devices/system/clocksource/clocksource0/current_clocksource": "arch_sys_counter\n",
    }
    for node in range(4):
        folder = f"sys/devices/system/node/node{node}"
        files[f"{folder}/cpulist"] = f"{32 * node}-{32 * node + 31}\n"
        files[f"{folder}/meminfo"] = f"Node {node} MemTotal:       {node_kilobytes} kB\n"
    for number in range(128):
        files[f"sys/devices/system/cpu/cpu{number}/cpufreq/scaling_governor"] = f"{governor}\n"
    return files


def meminfo(total_kilobytes: int, free_kilobytes: int) -> str:
    """What the kernel says of all memory, and of what can be had."""
    return f"MemTotal:       {total_kilobytes} kB\nMemFree:        1024 kB\nMemAvailable:   {free_kilobytes} kB\n"


def container(memory_bytes: int, quota: str = "150000 100000") -> dict[str, str]:
    """A small container on an x86-64 machine without VNNI, its /sys masked but for its own control group."""
    return {
        "proc/cpuinfo": "processor\t: 0\nmodel name\t: Intel(R)  Xeon(R) CPU\nflags\t\t: fpu sse4_2 avx2\n",
        "proc/self/status": _STATUS.format(processors="0-7", nodes="0"),
        "proc/self/limits": _LIMITS.format(256),
        "proc/self/smaps": _SMAPS.format(4),
        "proc/meminfo": meminfo(8_000_000, 5_000_000),
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": f"{memory_bytes}\n",
        "sys/fs/cgroup/cpu.max": f"{quota}\n",
    }
