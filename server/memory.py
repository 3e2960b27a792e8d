"""What memory this process holds, as the kernel counts it (proc(5), cgroups(7))."""

from pathlib import Path

from edgeocr.server.cgroup import cgroup_folders

SMAPS_ROLLUP = Path("/proc/self/smaps_rollup")


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
