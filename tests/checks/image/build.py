"""Builds Dockerfile.arm64 without a registry, for both architectures: its base images are made of Debian's packages."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.checks.arm64.emulator import debian
from tests.checks.image.emulation import CPU
from tests.checks.image.errors import Missing

FILE = "Dockerfile.arm64"
ARCHITECTURES = ("arm64", "amd64")
LIST = "localhost/edgeocr:local"
"""The manifest list that has the image of each architecture."""
_TOOLS = ("podman", "buildah", "runc", "mmdebstrap")
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# What each stage needs: the first two a shell for their commands, the last nothing but Python.
_BUILD_PACKAGES = ("coreutils", "dash", "libstdc++6", "python3-venv")
_RUNTIME_PACKAGES = ("libpython3-stdlib", "libstdc++6", "python3-minimal")
_EPOCH = "0"
"""The time of all files, in seconds since 1970, so that two builds are the same."""


def image(architecture: str) -> str:
    """What an architecture's image is called."""
    return f"localhost/edgeocr:{architecture}"


@dataclass(frozen=True)
class Built:
    """An image in podman's storage.

    Attributes:
        size_bytes: of all its layers, unpacked.
        layers: the size of each in bytes, the base's first.
        seconds: what building took; on an emulated CPU for the most part.
        digests: of each layer, unpacked, the base's first.
    """

    size_bytes: int
    layers: list[int]
    seconds: float
    digests: list[str]


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


def build(cache: Path, architecture: str, *, anew: bool = False) -> Built:
    """Builds an image, without what was kept of builds before if `anew`; the bases are made the first time, in about a
    minute."""
    started = time.monotonic()
    arguments = {
        "VERSION": version("edgeocr"),
        "REVISION": _revision(),
        "BUILDPLATFORM": "linux/amd64",
        "TARGETPLATFORM": f"linux/{architecture}",
        "SOURCE_DATE_EPOCH": _EPOCH,
        "BUILD_IMAGE": _base(cache, "BUILD_IMAGE", "amd64", _BUILD_PACKAGES),
        "BASE_IMAGE": _base(cache, "BASE_IMAGE", architecture, _BUILD_PACKAGES),
        "RUNTIME_IMAGE": _base(cache, "RUNTIME_IMAGE", architecture, _RUNTIME_PACKAGES),
    }
    settings = cache / "pip.conf"
    # Certificates that this machine trusts, in case that it reaches packages through a proxy.
    settings.write_text(f"[global]\ncert = {_CERTIFICATES}\n")
    command = ["buildah", "bud", "--isolation", "chroot", "--network", "host"]
    command += ["--platform", f"linux/{architecture}", "--timestamp", _EPOCH, *(["--no-cache"] if anew else [])]
    # Docker's format, since the other has no health check.
    command += ["--pull-never", "--format", "docker", "--tag", image(architecture), "--file", FILE]
    command += [f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro", f"--volume={settings.resolve()}:/etc/pip.conf:ro"]
    command += [f"--build-arg={name}={value}" for name, value in arguments.items()]
    subprocess.run([*command, "."], env={**os.environ, "QEMU_CPU": CPU}, check=True)
    found = inspect(architecture)
    return Built(found["Size"], _layers(architecture), time.monotonic() - started, found["RootFS"]["Layers"])


def assemble(folder: Path) -> dict[str, int]:
    """Puts the images into one manifest list, in an OCI layout; their compressed sizes in bytes, by architecture."""
    subprocess.run(["buildah", "manifest", "rm", LIST], capture_output=True, check=False)
    subprocess.run(["buildah", "manifest", "create", LIST], check=True, stdout=subprocess.DEVNULL)
    for architecture in ARCHITECTURES:
        command = ["buildah", "manifest", "add", LIST, f"containers-storage:{image(architecture)}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(folder, ignore_errors=True)
    # Its format has no health checks, which Kubernetes does not use either.
    command = ["buildah", "manifest", "push", "--quiet", "--all", "--format", "oci", LIST, f"oci:{folder}:local"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def blob(digest: str) -> Any:
        return json.loads((folder / "blobs" / digest.replace(":", "/")).read_text())

    (listed,) = json.loads((folder / "index.json").read_text())["manifests"]
    sizes = {}
    for manifest in blob(listed["digest"])["manifests"]:
        layers = blob(manifest["digest"])["layers"]
        sizes[manifest["platform"]["architecture"]] = sum(layer["size"] for layer in layers)
    return sizes


def inspect(architecture: str) -> dict[str, Any]:
    """What podman knows of an image."""
    told = subprocess.run(["podman", "image", "inspect", image(architecture)], check=True, capture_output=True).stdout
    (found,) = json.loads(told)
    assert isinstance(found, dict)
    return found


def _base(cache: Path, name: str, architecture: str, packages: tuple[str, ...]) -> str:
    """The name of a base image, imported if it is not there."""
    base = f"localhost/edgeocr-{name.lower().replace('_', '-')}:{architecture}"
    if subprocess.run(["podman", "image", "exists", base]).returncode:
        archive = debian.unpacked_packages(cache / f"{name.lower()}-{architecture}.tar", architecture, packages)
        command = ["podman", "import", "--quiet", "--arch", architecture, str(archive), base]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return base


def _layers(architecture: str) -> list[int]:
    told = subprocess.run(
        ["podman", "history", "--format", "json", image(architecture)], check=True, capture_output=True, text=True
    ).stdout
    return [layer["size"] for layer in reversed(json.loads(told)) if layer["size"]]


def _revision() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
