"""Builds Dockerfile.arm64 without a registry: its base images are made of Debian's packages."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.checks.arm64 import debian
from tests.checks.image.emulation import CPU
from tests.checks.image.errors import Missing

FILE = "Dockerfile.arm64"
IMAGE = "localhost/edgeocr:arm64"
_PLATFORM = "linux/arm64"
_TOOLS = ("podman", "buildah", "runc", "mmdebstrap")
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# What each stage needs: the first two a shell for their commands, the last nothing but Python.
_BUILD_PACKAGES = ("coreutils", "dash", "libstdc++6", "python3-venv")
_RUNTIME_PACKAGES = ("libpython3-stdlib", "libstdc++6", "python3-minimal")
_BASES = {
    "BUILD_IMAGE": ("amd64", _BUILD_PACKAGES),
    "BASE_IMAGE": ("arm64", _BUILD_PACKAGES),
    "RUNTIME_IMAGE": ("arm64", _RUNTIME_PACKAGES),
}


@dataclass(frozen=True)
class Built:
    """An image in podman's storage.

    Attributes:
        size_bytes: of all its layers, unpacked.
        layers: the size of each in bytes, the base's first.
        seconds: what building took; on an emulated CPU for the most part.
    """

    size_bytes: int
    layers: list[int]
    seconds: float


def check_tools() -> None:
    """Sees to it that this machine can build and run images.

    Raises:
        Missing: it cannot.
    """
    lacking = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if not debian.KEYRING.exists():
        lacking.append("debian-archive-keyring")
    if lacking:
        raise Missing(f"{', '.join(lacking)} not found; on Debian: apt-get install {' '.join(lacking)}")
    if os.geteuid() != 0:
        raise Missing("root is needed: for images of another processor, and for limits on memory")


def build(cache: Path) -> Built:
    """Builds the image; the bases are made the first time, in about a minute."""
    started = time.monotonic()
    arguments = {
        "VERSION": version("edgeocr"),
        "REVISION": _revision(),
        "BUILDPLATFORM": "linux/amd64",
        "TARGETPLATFORM": _PLATFORM,
    }
    for name, (architecture, packages) in _BASES.items():
        arguments[name] = _base(cache, name, architecture, packages)
    settings = cache / "pip.conf"
    # Certificates that this machine trusts, in case that it reaches packages through a proxy.
    settings.write_text(f"[global]\ncert = {_CERTIFICATES}\n")
    command = ["buildah", "bud", "--isolation", "chroot", "--platform", _PLATFORM, "--network", "host"]
    # Docker's format, since the other has no health check.
    command += ["--pull-never", "--format", "docker", "--tag", IMAGE, "--file", FILE]
    command += [f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro", f"--volume={settings.resolve()}:/etc/pip.conf:ro"]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    subprocess.run([*command, "."], env={**os.environ, "QEMU_CPU": CPU}, check=True)
    found = inspect()
    return Built(found["Size"], _layers(), time.monotonic() - started)


def inspect() -> dict[str, Any]:
    """What podman knows of the image."""
    told = subprocess.run(["podman", "image", "inspect", IMAGE], check=True, capture_output=True).stdout
    (found,) = json.loads(told)
    assert isinstance(found, dict)
    return found


def _base(cache: Path, name: str, architecture: str, packages: tuple[str, ...]) -> str:
    """The name of a base image, imported if it is not there."""
    image = f"localhost/edgeocr-{name.lower().replace('_', '-')}:{architecture}"
    if subprocess.run(["podman", "image", "exists", image]).returncode:
        archive = debian.unpacked_packages(cache / f"{name.lower()}-{architecture}.tar", architecture, packages)
        command = ["podman", "import", "--quiet", "--arch", architecture, str(archive), image]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return image


def _layers() -> list[int]:
    told = subprocess.run(
        ["podman", "history", "--format", "json", IMAGE], check=True, capture_output=True, text=True
    ).stdout
    return [layer["size"] for layer in reversed(json.loads(told)) if layer["size"]]


def _revision() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
