"""Reads page after page with faster-paddle on one thread; run by an interpreter that has it, not edgeocr.

A path a line in, a JSON object a line out, like that of `tests.benchmarks.pages.subject`. The argument is the model's
size, tiny or small.
"""

import json
import sys
import time
from pathlib import Path

from faster_paddle import OcrEngine


def main() -> None:
    """Answers until there is no more."""
    engine = OcrEngine(model_size=sys.argv[1], threads=1)
    for path in map(str.strip, sys.stdin):
        data = Path(path).read_bytes()
        started = time.process_time()
        bounds = engine.ocr(data)["bounds"].values()
        seconds = time.process_time() - started
        lines = []
        for found in bounds:
            (left, top), (right, bottom) = (found[name] for name in ("topLeftCoord", "bottomRightCoord"))
            lines.append([[[left, top], [right, top], [right, bottom], [left, bottom]], found["text"]])
        rows = Path("/proc/self/status").read_text().splitlines()
        peak = int(next(row.split()[1] for row in rows if row.startswith("VmHWM"))) * 1024
        print(json.dumps({"seconds": seconds, "lines": lines, "peak_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
