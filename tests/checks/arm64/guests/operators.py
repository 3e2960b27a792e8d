"""What runs networks of one operator on the emulated CPU, each between two marks.

python operators.py --networks FOLDER
"""

import argparse
from pathlib import Path

import numpy as np
import onnxruntime

from edgeocr.model.networks.session import session_options
from tests.checks.arm64.guests.marks import OUTSIDE, mark

_KINDS = {"tensor(uint8)": np.uint8, "tensor(int8)": np.int8, "tensor(float)": np.float32, "tensor(int64)": np.int64}


def run_marked(path: Path) -> None:
    """Runs a network on noise, once before it is counted and once between marks."""
    session = onnxruntime.InferenceSession(str(path), session_options(), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    feeds = {
        value.name: random.integers(0, 127, value.shape).astype(_KINDS[value.type]) for value in session.get_inputs()
    }
    session.run(None, feeds)
    mark(OUTSIDE + 1)
    session.run(None, feeds)
    mark(OUTSIDE)


def main() -> None:
    """The command, for the check to start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=Path, required=True, help="folder of ONNX files with inputs of known shapes")
    for path in sorted(parser.parse_args().networks.glob("*.onnx")):
        run_marked(path)


if __name__ == "__main__":
    main()
