"""Other readers, and the environments that they run in: none of them is needed for anything else here."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Peer:
    """Another reader.

    Attributes:
        environment: a folder's name; readers of one environment share it.
        requirements: what is installed into it.
        program: beside this module, the one that reads a path a line.
        arguments: of that program.
    """

    environment: str
    requirements: Sequence[str]
    program: str
    arguments: Sequence[str] = ()


_FASTER_PADDLE = "faster-paddle-1.0.4", ["faster-paddle==1.0.4"], "faster_paddle_subject.py"

PEERS = {
    "faster-paddle-tiny": Peer(*_FASTER_PADDLE, ["tiny"]),
    "faster-paddle-small": Peer(*_FASTER_PADDLE, ["small"]),
    "RapidOCR": Peer("rapidocr-3.10.0", ["rapidocr==3.10.0", "onnxruntime"], "rapidocr_subject.py"),
}
"""By the names that tables show."""


def interpreter(peer: Peer, environments: Path) -> Path:
    """The interpreter of a peer's environment, which is made if it is not there.

    Raises:
        subprocess.CalledProcessError: it cannot be installed.
    """
    folder = environments / peer.environment
    python = folder / "bin" / "python"
    if not (done := folder / ".installed").exists():
        print(f"installing {' '.join(peer.requirements)} in {folder}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *peer.requirements], check=True)
        done.touch()
    return python
