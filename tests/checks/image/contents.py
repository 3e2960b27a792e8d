"""What is in the image, and what must not be."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.checks.image.build import image, inspect
from tests.checks.image.elf import layouts, table

_COMPILER = re.compile(r"(.*-)?(cc|c\+\+|gcc|g\+\+|clang|ld|as|tcc|cpp)(-[0-9.]+)?")
_PROGRAMS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "opt/edgeocr/bin")
_MACHINES = {"arm64": "EM_AARCH64", "amd64": "EM_X86_64"}
_LABELS = ("title", "description", "licenses", "version", "revision")


@contextmanager
def mounted(architecture: str) -> Iterator[Path]:
    """An image's files as a folder."""
    told = subprocess.run(
        ["podman", "image", "mount", image(architecture)], check=True, capture_output=True, text=True
    ).stdout
    try:
        yield Path(told.strip())
    finally:
        subprocess.run(["podman", "image", "unmount", image(architecture)], check=True, capture_output=True)


def faults(root: Path, told: dict[str, Any], architecture: str = "arm64") -> list[str]:
    """What is amiss with the files, and with what the image says of itself."""
    settings = told["Config"]
    found = [str(path) for folder in _PROGRAMS for path in (root / folder).glob("*") if _COMPILER.fullmatch(path.name)]
    found = [f"a compiler: {path}" for path in found]
    packages = root / "opt/edgeocr"
    found += [
        f"a test: {path}" for path in packages.rglob("*") if path.name == "tests" or fnmatch(path.name, "test_*.py")
    ]
    found += [f"an installer: {path}" for path in packages.rglob("*") if path.name in ("pip", "setuptools")]
    if settings.get("User") in (None, "", "0", "root"):
        found.append("it runs as root")
    if settings.get("Entrypoint") != ["edgeocr", "serve"]:
        found.append(f"its entry point is {settings.get('Entrypoint')}")
    if (told.get("Healthcheck") or {"Test": [""]})["Test"][0] != "CMD":
        found.append("it has no check of its health, or one that needs a shell")
    labels = settings.get("Labels") or {}
    found += [
        f"no label {name}" for name in _LABELS if labels.get(f"org.opencontainers.image.{name}", "unknown") == "unknown"
    ]
    if told["Architecture"] != architecture:
        found.append(f"it is for {told['Architecture']}")
    return found


def check(architecture: str) -> list[str]:
    """Prints the table of alignments; all that is amiss."""
    told = inspect(architecture)
    with mounted(architecture) as root:
        found = list(layouts(root))
        print(table(found))
        foreign = [f"is for another machine: {one.path}" for one in found if one.machine != _MACHINES[architecture]]
        # Kernels for x86-64 have one size of pages.
        misfits = [one for one in found if not one.fits] if architecture == "arm64" else []
        amiss = [f"does not fit 64 KiB pages: {one.path}" for one in misfits] + foreign
        amiss += faults(root, told, architecture)
        shell = "a" if (root / "bin/sh").exists() else "no"
    print(
        f"{architecture}: {len(found)} ELF files, {len(misfits)} of them misaligned; {shell} shell; "
        f"user {told['Config']['User']}"
    )
    return amiss
