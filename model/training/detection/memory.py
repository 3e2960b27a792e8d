"""Measures a detector's peak memory, in a process of its own, since a process's peak never falls."""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

from edgeocr.model.networks.manifest import NetworkFile
from edgeocr.model.networks.session import Network

_RUNS = 3


def peak_megabytes(path: Path, side_pixels: int) -> float:
    """Growth of a fresh process's peak resident memory, in MB, when it loads a detector and runs square pages."""
    command = [sys.executable, "-m", __name__, str(path), str(side_pixels)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the growth of this process, in MB."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("network", type=Path)
    parser.add_argument("side", type=int)
    arguments = parser.parse_args()
    side = arguments.side
    pixels = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), np.uint8)
    probabilities = np.zeros((side, side), np.uint8)
    before = _peak_kilobytes()
    network = Network(NetworkFile("detector", arguments.network, "", 0, ""), np.uint8)
    for _ in range(_RUNS):
        network.run(pixels, probabilities)
    print((_peak_kilobytes() - before) * 1024 / 1e6)


def _peak_kilobytes() -> int:
    # Not getrusage, whose peak includes the parent's memory before this program was started.
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
