"""What reads pages on the emulated CPU with faster-paddle on one thread, each between two marks.

python peer.py --size tiny --warm-up IMAGE --images IMAGE … --to FILE
"""

import argparse
import json
from pathlib import Path

from faster_paddle import OcrEngine

from tests.checks.arm64.guests.marks import OUTSIDE, mark


def main() -> None:
    """The command, for the check to start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", required=True, help="of the model: tiny or small")
    parser.add_argument("--warm-up", type=Path, required=True, help="image that is read before marks are made")
    parser.add_argument("--images", type=Path, nargs="+", required=True)
    parser.add_argument("--to", type=Path, required=True, help="file for the lines of each, as JSON")
    arguments = parser.parse_args()
    engine = OcrEngine(model_size=arguments.size, threads=1)
    engine.ocr(arguments.warm_up.read_bytes())
    files = [image.read_bytes() for image in arguments.images]
    found = []
    for data in files:
        mark(OUTSIDE + 1)
        bounds = engine.ocr(data)["bounds"]
        mark(OUTSIDE)
        found.append([one["text"] for one in bounds.values()])
    arguments.to.write_text(json.dumps(found, ensure_ascii=False), "utf-8")


if __name__ == "__main__":
    main()
