"""The control groups of this process (cgroups(7)), versions 1 and 2."""

from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def cgroup_folders(controller: str, root: Path = ROOT, membership: Path = MEMBERSHIP) -> list[Path]:
    """Folders of this process's group for a controller and of its ancestors, innermost first.

    Lines of /proc/self/cgroup are `id:controllers:path`; version 2 has id 0 and no controllers. Inside a container
    the path may be the host's and not exist; the folders' roots, which come last, are then the container's own.
    """
    try:
        lines = membership.read_text().splitlines()
    except OSError:
        lines = []
    folders = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = root / controllers if controllers else root
        relative = Path(path.lstrip("/"))
        folders += [base / part for part in (relative, *relative.parents)]
    return [*folders, root / controller, root]
