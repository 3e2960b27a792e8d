"""What is in the image, and what must not be."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from tests.checks.image.build import IMAGE, inspect
from tests.checks.image.elf import layouts, table

_COMPILER = re.compile(r"(.*-)?(cc|c\+\+|gcc|g\+\+|clang|ld|as|tcc|cpp)(-[0-9.]+)?")
_PROGRAMS = ("bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "opt/edgeocr/bin")
_LABELS = ("title", "description", "licenses", "version", "revision")


@contextmanager
def mounted() -> Iterator[Path]:
    """The image's files as a folder."""
    told = subprocess.run(["podman", "image", "mount", IMAGE], check=True, capture_output=True, text=True).stdout
    try:
        yield Path(told.strip())
    finally:
        subprocess.run(["podman", "image", "unmount", IMAGE], check=True, capture_output=True)


def faults(root: Path, told: dict[str, Any]) -> list[str]:
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
    if told["Architecture"] != "arm64":
        found.append(f"it is for {told['Architecture']}")
    return found


def check() -> list[str]:
    """Prints the table of alignments; all that is amiss."""
    with mounted() as root:
        found = list(layouts(root))
        print(table(found))
        misfits = [f"does not fit 64 KiB pages: {layout.path}" for layout in found if not layout.fits]
        foreign = [f"is not for aarch64: {layout.path}" for layout in found if layout.machine != "EM_AARCH64"]
        amiss = [*misfits, *foreign, *faults(root, inspect())]
        shell = "a" if (root / "bin/sh").exists() else "no"
    print(
        f"{len(found)} ELF files, {len(misfits)} of them misaligned; {shell} shell; user {inspect()['Config']['User']}"
    )
    return amiss
