"""Programs for aarch64 that start as if they were this machine's own: Linux's binfmt_misc with QEMU."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.checks.image.errors import Missing

CPU = "neoverse-n1"
"""The nearest to a Kunpeng 920 that QEMU has."""
_FOLDER = Path("/proc/sys/fs/binfmt_misc")
_NAME = "edgeocr-aarch64"
# The first bytes of an ELF file of 64 bits, little-endian, that is a program or a shared object for aarch64.
_MAGIC = "7f454c460201010000000000000000000200b700"
_MASK = "ffffffffffffff00fffffffffffffffffeffffff"


def _escaped(digits: str) -> str:
    return "".join(f"\\x{digits[place : place + 2]}" for place in range(0, len(digits), 2))


@contextmanager
def emulated(qemu: Path) -> Iterator[None]:
    """Has the kernel start aarch64 programs with this emulator, also where its file is out of sight.

    Raises:
        Missing: the kernel does not let us.
    """
    entry = _FOLDER / _NAME
    try:
        if not (_FOLDER / "register").exists():
            subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", _FOLDER], check=True, capture_output=True)
        if entry.exists():
            entry.write_text("-1")
        # F: the file is opened now, so that containers need no copy of it.
        (_FOLDER / "register").write_text(f":{_NAME}:M::{_escaped(_MAGIC)}:{_escaped(_MASK)}:{qemu.resolve()}:F")
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing(f"the kernel does not take an emulator ({_FOLDER}): {error}; root is needed") from None
    try:
        yield
    finally:
        entry.write_text("-1")
