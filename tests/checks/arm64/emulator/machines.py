"""The machines that lines are read on: this one as it is, and others emulated on it."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import edgeocr.model
import tests
from tests.checks.arm64.emulator import debian, runtime
from tests.checks.arm64.emulator.qemu import Emulator
from tests.checks.arm64.errors import GuestFailed
from tests.checks.arm64.guests import lines

ARM_CPU = "neoverse-n1"
"""The nearest to a Kunpeng 920: dot product and half precision, no matrix product, no scalable vectors."""

ARM_CPU_WITHOUT_DOT = "cortex-a72"
X86_CPU_WITHOUT_VNNI = "Haswell-noTSX"
"""AVX2 without VNNI, whose pairs of 8-bit products saturate in 16 bits."""

MODEL = Path(edgeocr.model.__file__).resolve().parent
PROGRAM = Path(lines.__file__).resolve()
"""The default program of each machine, and the reading code that it imports."""

_TESTS = Path(tests.__file__).resolve().parent

_LAST_WORDS = 2000


@dataclass(frozen=True)
class Machine:
    """Something that runs a Python program.

    Attributes:
        name: what tables call it.
        python: the command up to the interpreter and its options.
        environment: variables that it gets beside the few that all get.
    """

    name: str
    python: Sequence[str]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, program: Path = PROGRAM) -> None:
        """Runs a guest program, by default `guests.lines`, with these arguments.

        Raises:
            GuestFailed: it did not end well.
        """
        environment = {
            "HOME": os.environ.get("HOME", "/"),
            "PATH": os.environ.get("PATH", ""),
            # One thread each: threads would be counted together, and waiting for each other is work as well.
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.environment,
        }
        command = [*self.python, str(program), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise GuestFailed(f"{self.name}: ended with {done.returncode}: {done.stderr[-_LAST_WORDS:]}")


def here() -> Machine:
    """This machine as it is."""
    return Machine("this machine", [sys.executable], {"PYTHONPATH": str(_TESTS.parent)})


def x86_without_vnni(emulator: Emulator) -> Machine:
    """An x86-64 CPU of 2013, with this machine's own Python and libraries."""
    command = [str(emulator.folder / "qemu-x86_64"), "-cpu", X86_CPU_WITHOUT_VNNI, sys.executable]
    return Machine(f"x86-64 {X86_CPU_WITHOUT_VNNI}", command, {"PYTHONPATH": str(_TESTS.parent)})


def aarch64(
    emulator: Emulator, folder: Path, cpu: str = ARM_CPU, counts: Path | None = None, wheels: Sequence[str] = ()
) -> Machine:
    """An aarch64 CPU with the same versions of the same libraries.

    Args:
        emulator: built.
        folder: where its libraries and packages are kept, and put the first time.
        cpu: QEMU's name for it.
        counts: file that the plugin appends to; None runs without the plugin, faster.
        wheels: requirements that it has instead of what edgeocr reads with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = debian.aarch64_root(folder / "root")
    command = [str(emulator.folder / "qemu-aarch64"), "-L", str(root), "-cpu", cpu]
    if counts is not None:
        command += ["-plugin", f"{emulator.plugin},out={counts}"]
    # Without the site module, so that it finds packages in PYTHONPATH only.
    command += [str(root / "usr" / "bin" / f"python{debian.PYTHON}"), "-S"]
    packages = runtime.unpacked_wheels(folder, wheels) if wheels else runtime.for_aarch64(folder)
    path = f"{_namespace(folder / 'project')}:{packages}"
    return Machine(f"aarch64 {cpu}", command, {"PYTHONPATH": path})


def _namespace(folder: Path) -> Path:
    """A folder that the project's code is imported from; every checkout has its own."""
    own = folder / hashlib.sha256(str(MODEL).encode()).hexdigest()[:12]
    package = own / "edgeocr"
    package.mkdir(parents=True, exist_ok=True)
    # Without the package's own file: it looks for a distribution, which is not installed there.
    source = MODEL.parent / "edgeocr"
    parts = [part for part in source.glob("*.py") if not part.name.startswith("__")]
    shared = (MODEL, source / "results", *parts)
    links = {own / _TESTS.name: _TESTS, **{package / part.name: part for part in shared}}
    for link, part in links.items():
        if not link.is_symlink():
            link.symlink_to(part)
    return own
