"""What reads a page on the emulated CPU with faster-paddle on one thread, between two marks.

python faster_paddle_guest.py --size tiny --warm-up IMAGE --image IMAGE --to FILE
"""

import argparse
import json
from pathlib import Path

from faster_paddle import OcrEngine

from tests.checks.arm64.marks import OUTSIDE, mark


def main() -> None:
    """The command, for the check to start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", required=True, help="of the model: tiny or small")
    parser.add_argument("--warm-up", type=Path, required=True, help="image that is read before marks are made")
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True, help="file for the lines, as JSON")
    arguments = parser.parse_args()
    engine = OcrEngine(model_size=arguments.size, threads=1)
    engine.ocr(arguments.warm_up.read_bytes())
    data = arguments.image.read_bytes()
    mark(OUTSIDE + 1)
    bounds = engine.ocr(data)["bounds"]
    mark(OUTSIDE)
    lines = [found["text"] for found in bounds.values()]
    arguments.to.write_text(json.dumps(lines, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
