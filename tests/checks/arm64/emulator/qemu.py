"""The emulator, built once with plugins, which Debian's own build leaves out; and our plugin."""

import os
import shutil
import subprocess
import tarfile
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checks.arm64.emulator import debian
from tests.checks.arm64.errors import Missing

_TOOLS = {
    "apt-get": "apt",
    "cc": "gcc libc6-dev",
    "mmdebstrap": "mmdebstrap",
    "pkg-config": "pkg-config",
}
# Debian's meson is too old; its parts for QEMU's own tests are asked for by configure all the same.
_BUILD_PACKAGES = ("meson>=1.5,<1.9", "ninja", "distlib", "pycotap")
_TARGETS = ("aarch64", "x86_64")
PLUGIN = Path(__file__).with_name("opcount.c")


@dataclass(frozen=True)
class Emulator:
    """A built emulator.

    Attributes:
        folder: holds qemu-aarch64 and qemu-x86_64.
        plugin: the shared object that counts instructions.
    """

    folder: Path
    plugin: Path


def check_tools() -> None:
    """Sees to it that what builds the emulator is there.

    Raises:
        Missing: something is not; the message names every package that is needed.
    """
    lacking = {name: package for name, package in _TOOLS.items() if shutil.which(name) is None}
    if "pkg-config" in lacking or subprocess.run(["pkg-config", "--exists", "glib-2.0"]).returncode:
        lacking["glib-2.0"] = "libglib2.0-dev"
    if not debian.KEYRING.exists():
        lacking["the keys of Debian's archive"] = "debian-archive-keyring"
    if lacking:
        raise Missing(
            f"the check on aarch64 lacks {', '.join(lacking)}; on Debian: apt-get install {' '.join(lacking.values())}"
        )


def emulator(folder: Path) -> Emulator:
    """The emulator with its plugin, built the first time: five minutes of one core, 1 GB of disk.

    Raises:
        Missing: its source is gone from the archive.
        subprocess.CalledProcessError: it cannot be built; the build's own words are above.
    """
    folder.mkdir(parents=True, exist_ok=True)
    built, header = folder / "bin", folder / "source" / "include" / "qemu"
    if not built.exists():
        build = _build(folder)
        partial = folder / f"bin.{os.getpid()}"
        partial.mkdir()
        for target in _TARGETS:
            shutil.copy2(build / f"qemu-{target}", partial)
        partial.rename(built)
        shutil.rmtree(build)
    plugin = folder / "opcount.so"
    if not plugin.exists() or plugin.stat().st_mtime < PLUGIN.stat().st_mtime:
        flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0"], check=True, capture_output=True, text=True)
        command = [
            "cc",
            "-O2",
            "-shared",
            "-fPIC",
            *flags.stdout.split(),
            f"-I{header}",
            str(PLUGIN),
            "-o",
            str(plugin),
        ]
        subprocess.run(command, check=True)
    return Emulator(built, plugin)


def _build(folder: Path) -> Path:
    source, build, tools = folder / "source", folder / "build", folder / "tools"
    if not source.exists():
        with tarfile.open(debian.qemu_source(folder)) as archive:
            partial = folder / f"source.{os.getpid()}"
            archive.extractall(partial, filter="data")
        (top,) = partial.iterdir()
        top.rename(source)
        partial.rmdir()
    venv.create(tools, with_pip=True)
    python = tools / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", *_BUILD_PACKAGES], check=True)
    environment = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    build.mkdir(exist_ok=True)
    command = [str(source.resolve() / "configure"), f"--python={python.absolute()}"]
    command += [f"--target-list={','.join(f'{target}-linux-user' for target in _TARGETS)}"]
    command += ["--without-default-features", "--enable-plugins", "--disable-install-blobs"]
    command += [f"--disable-{part}" for part in ("docs", "system", "tools", "guest-agent", "werror")]
    _quietly(command, build, environment)
    _quietly(["nice", "ninja", *(f"qemu-{target}" for target in _TARGETS)], build, environment)
    return build


def _quietly(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Runs a step of the build with its words in a file, which is shown only if it fails."""
    log = folder / "log"
    with log.open("w", encoding="utf-8") as words:
        done = subprocess.run(command, cwd=folder, env=environment, stdout=words, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Missing(f"QEMU cannot be built; {log} ends with\n{''.join(log.read_text('utf-8')[-2000:])}")
