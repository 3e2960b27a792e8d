"""The machine and this process's share of it, as read from /proc and /sys (proc(5), sysfs(5)).

Files are read below a root folder, so that another machine's files can be examined. Values that cannot be read are
None: containers mask much of /sys.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_NODE = re.compile(r"node(\d+)")


def processors(listed: str) -> frozenset[int]:
    """The numbers in a list such as "0-31,64", as the kernel writes them (cpuset(7))."""
    numbers: set[int] = set()
    for part in filter(None, listed.strip().split(",")):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return frozenset(numbers)


@dataclass(frozen=True, slots=True)
class Node:
    """A NUMA node: its number, processors, and memory in bytes, if known."""

    number: int
    processors: frozenset[int]
    memory_bytes: int | None


class System:
    """Reads one machine's files; `root` is the folder that has its proc and sys."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        self.cgroup_root = root / "sys/fs/cgroup"
        self.cgroup_membership = root / "proc/self/cgroup"

    def text(self, path: str) -> str | None:
        """The text of a file below the root; None if it is missing or masked."""
        try:
            return (self.root / path).read_text("utf-8", "replace")
        except OSError:
            return None

    def field(self, path: str, name: str) -> str | None:
        """The first value of "name: value" in a file."""
        found = re.search(rf"^{re.escape(name)}\s*:\s*(.*?)\s*$", self.text(path) or "", re.MULTILINE)
        return found[1] if found else None

    def allowed_processors(self) -> frozenset[int]:
        """The processors that this process may run on."""
        return processors(self.field("proc/self/status", "Cpus_allowed_list") or "")

    def nodes(self) -> list[Node]:
        """The NUMA nodes that have processors; empty if /sys does not list them."""
        folder = self.root / "sys/devices/system/node"
        found = []
        for path in folder.glob("node*") if folder.is_dir() else ():
            listed = self.text(f"sys/devices/system/node/{path.name}/cpulist")
            if (number := _NODE.fullmatch(path.name)) and listed and listed.strip():
                found.append(Node(int(number[1]), processors(listed), self._node_bytes(path.name)))
        return sorted(found, key=lambda node: node.number)

    def _node_bytes(self, name: str) -> int | None:
        found = re.search(r"MemTotal:\s+(\d+) kB", self.text(f"sys/devices/system/node/{name}/meminfo") or "")
        return int(found[1]) * 1024 if found else None

    def memory_bytes(self) -> tuple[int, int] | None:
        """The machine's total memory, and the part available without swapping."""
        total, free = (self.field("proc/meminfo", name) or "" for name in ("MemTotal", "MemAvailable"))
        found = [re.fullmatch(r"(\d+) kB", text) for text in (total, free)]
        sizes = [int(one[1]) * 1024 for one in found if one is not None]
        return (sizes[0], sizes[1]) if len(sizes) == len(found) else None

    def page_bytes(self) -> int | None:
        """The kernel's page size."""
        found = re.search(r"^KernelPageSize:\s+(\d+) kB", self.text("proc/self/smaps") or "", re.MULTILINE)
        return int(found[1]) * 1024 if found else None

    def most_open_files(self) -> int | None:
        """The limit of open files and connections; None if unknown or unlimited."""
        found = re.search(r"^Max open files\s+(\d+)", self.text("proc/self/limits") or "", re.MULTILINE)
        return int(found[1]) if found else None

    def governors(self) -> frozenset[str]:
        """The frequency governors of the processors that this process may run on; empty if firmware controls the
        frequency."""
        folder = "sys/devices/system/cpu"
        found = (self.text(f"{folder}/cpu{number}/cpufreq/scaling_governor") for number in self.allowed_processors())
        return frozenset(governor.strip() for governor in found if governor)

    def has_intel_driver(self) -> bool:
        """Whether Intel processors control their own frequency (intel_pstate)."""
        return (self.text("sys/devices/system/cpu/intel_pstate/status") or "").strip() == "active"

    def clock_source(self) -> str | None:
        """The kernel's clock source."""
        found = self.text("sys/devices/system/clocksource/clocksource0/current_clocksource")
        return found.strip() if found else None
