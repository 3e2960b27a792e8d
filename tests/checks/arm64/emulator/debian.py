"""What comes from Debian's archive: Python with its libraries for aarch64, QEMU's source, and QEMU as a package.

All are fetched from the mirror that apt is set to, checked by apt against the archive's signatures, and unpacked into
a folder; nothing is installed, no package's script runs, and no rights are needed.
"""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.checks.arm64.errors import Missing

PYTHON = "3.11"
"""Of the aarch64 root, which its release decides."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Whose signatures are trusted."""

_RELEASE = "bookworm"
_ROOT_PACKAGES = ("libpython3-stdlib", "libstdc++6", "python3-minimal")

# QEMU 7.2, which the release itself has, crashes when ONNX Runtime is loaded.
_QEMU_RELEASE = "bookworm-backports"
QEMU_VERSION = "10.0.2"
_QEMU_SHA256 = "0901da33844a331bf8b3602b9c1fbd178e60b737c8e3ade678255bd090c9b9f1"


def mirror() -> str:
    """The address of Debian's archive that apt uses.

    Raises:
        Missing: there is none.
    """
    listing = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(COMPONENT) $(REPO_URI)"], check=True, capture_output=True, text=True
    )
    addresses = [address for component, address in map(str.split, listing.stdout.splitlines()) if component == "main"]
    found = next((address for address in addresses if address.rstrip("/").endswith("/debian")), None)
    if found is None:
        raise Missing("apt's sources name no mirror of Debian (…/debian, main), from which aarch64 libraries come")
    return found


def aarch64_root(folder: Path) -> Path:
    """A folder with Python and the C and C++ libraries for aarch64, unpacked the first time: half a minute, 75 MB."""
    return unpacked_packages(folder, "arm64", _ROOT_PACKAGES)


def unpacked_packages(path: Path, architecture: str, packages: Sequence[str] = _ROOT_PACKAGES) -> Path:
    """Packages and what they depend on as a folder, or as an archive if the name ends in `.tar`; made once."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{os.getpid()}.{path.name}")
        command = ["mmdebstrap", "--mode=chrootless", "--variant=extract", f"--architectures={architecture}", "--quiet"]
        command += [f"--include={','.join(packages)}", _RELEASE, str(partial), mirror()]
        subprocess.run(command, check=True)
        partial.rename(path)
    return path


def emulator_package(folder: Path) -> Path:
    """The folder of QEMU's programs as Debian builds them, which need no library: unpacked the first time, 60 MB."""
    unpacked = folder / "unpacked"
    if not unpacked.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _apt(folder, "update", "-qq")
        _apt(folder, "download", "-qq", f"qemu-user/{_QEMU_RELEASE}")
        (package,) = folder.glob("qemu-user_*.deb")
        partial = folder / f"unpacked.{os.getpid()}"
        subprocess.run(["dpkg-deb", "--extract", package, partial], check=True)
        partial.rename(unpacked)
    return unpacked / "usr" / "bin"


def qemu_source(folder: Path) -> Path:
    """The archive with QEMU's source, downloaded the first time: 40 MB.

    Raises:
        Missing: the archive holds another version by now.
    """
    path = folder / f"qemu_{QEMU_VERSION}+ds.orig.tar.xz"
    if not path.exists():
        _apt(folder, "update", "-qq")
        _apt(folder, "source", "-qq", "--download-only", "--tar-only", f"qemu/{_QEMU_RELEASE}")
    if not path.exists():
        raise Missing(f"{_QEMU_RELEASE} no longer has QEMU {QEMU_VERSION}, which this check is pinned to")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != _QEMU_SHA256:
        raise Missing(f"{path}: its sha-256 is {found}, not {_QEMU_SHA256}; delete it to download it again")
    return path


def _apt(folder: Path, *arguments: str) -> None:
    """Runs apt-get with sources, lists and cache of its own, so that the machine's stay as they are."""
    state, cache = folder / "apt" / "lists", folder / "apt" / "cache"
    for needed in (state / "partial", cache / "archives" / "partial"):
        needed.mkdir(parents=True, exist_ok=True)
    sources = folder / "apt" / "sources.list"
    archive = f"[signed-by={KEYRING}] {mirror()} {_QEMU_RELEASE} main"
    sources.write_text(f"deb {archive}\ndeb-src {archive}\n", "utf-8")
    options = {
        "APT::Sandbox::User": "",
        "Dir::Cache": cache.resolve(),
        "Dir::Etc::SourceList": sources.resolve(),
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": state.resolve(),
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    subprocess.run(["apt-get", *arguments, *settings], cwd=folder, check=True)
