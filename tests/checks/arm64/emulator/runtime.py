"""The packages that the server reads with: which versions are here, and the same ones for aarch64."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.checks.arm64.emulator import debian

_PACKAGES = ("numpy", "onnxruntime", "opencv-python-headless", "typing_extensions")
_PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")


def for_aarch64(folder: Path) -> Path:
    """Wheels for aarch64 of the versions that run here, unpacked the first time: a quarter of a minute, 250 MB."""
    return unpacked_wheels(folder, [f"{name}=={version(name)}" for name in _PACKAGES])


def unpacked_wheels(folder: Path, wanted: Sequence[str]) -> Path:
    """A folder in a folder with wheels for aarch64 of these requirements and of what they need, unpacked once."""
    path = folder / "-".join(wanted).replace("==", "-")
    if not path.exists():
        partial = path.with_name(f"partial.{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(partial), "--only-binary=:all:"]
        command += ["--implementation", "cp", "--python-version", debian.PYTHON]
        command += [f"--abi={abi}" for abi in (f"cp{debian.PYTHON.replace('.', '')}", "abi3", "none")]
        command += [f"--platform={platform}_aarch64" for platform in _PLATFORMS]
        subprocess.run([*command, *wanted], check=True)
        partial.rename(path)
    return path


def fingerprint(files: Iterable[Path]) -> str:
    """Twelve hexadecimal digits that change with the files' contents and with the packages' versions."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for name in _PACKAGES:
        digest.update(version(name).encode())
    return digest.hexdigest()[:12]
