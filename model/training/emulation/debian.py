"""What comes from Debian's archive: aarch64 Python with its libraries, and QEMU's source.

Both are fetched from the mirror that apt is set to, checked by apt against the archive's signatures, and unpacked into
a folder; nothing is installed, no package's script runs, and no rights are needed.
"""

import hashlib
import os
import subprocess
from pathlib import Path

from edgeocr.model.training.emulation.errors import Missing

PYTHON = "3.11"
"""Of the aarch64 root, which its release decides."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""Whose signatures are trusted."""

_RELEASE = "bookworm"
_ROOT_PACKAGES = ("libpython3-stdlib", "libstdc++6", "python3-minimal")

# QEMU 7.2, which the release itself has, crashes when ONNX Runtime is loaded.
_SOURCE_RELEASE = "bookworm-backports"
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
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}")
        command = ["mmdebstrap", "--mode=chrootless", "--variant=extract", "--architectures=arm64", "--quiet"]
        command += [f"--include={','.join(_ROOT_PACKAGES)}", _RELEASE, str(partial), mirror()]
        subprocess.run(command, check=True)
        partial.rename(folder)
    return folder


def qemu_source(folder: Path) -> Path:
    """The archive with QEMU's source, downloaded the first time: 40 MB.

    Raises:
        Missing: the archive holds another version by now.
    """
    path = folder / f"qemu_{QEMU_VERSION}+ds.orig.tar.xz"
    if not path.exists():
        _apt(folder, "update", "-qq")
        _apt(folder, "source", "-qq", "--download-only", "--tar-only", f"qemu/{_SOURCE_RELEASE}")
    if not path.exists():
        raise Missing(f"{_SOURCE_RELEASE} no longer has QEMU {QEMU_VERSION}, which this check is pinned to")
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
    sources.write_text(f"deb-src [signed-by={KEYRING}] {mirror()} {_SOURCE_RELEASE} main\n", "utf-8")
    options = {
        "APT::Sandbox::User": "",
        "Dir::Cache": cache.resolve(),
        "Dir::Etc::SourceList": sources.resolve(),
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": state.resolve(),
    }
    settings = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
    subprocess.run(["apt-get", *arguments, *settings], cwd=folder, check=True)
