"""Reads page after page with RapidOCR's defaults on one thread; run by an interpreter that has `rapidocr`, not edgeocr.

A path a line in, a JSON object a line out, like that of `tests.benchmarks.pages.subject`.
"""

import json
import sys
import time
from pathlib import Path

import cv2
from rapidocr import RapidOCR


def main() -> None:
    """Answers until there is no more."""
    cv2.setNumThreads(1)
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    engine = RapidOCR(params={"Global.log_level": "critical", **threads})
    for path in map(str.strip, sys.stdin):
        data = Path(path).read_bytes()
        started = time.process_time()
        result = engine(data)
        seconds = time.process_time() - started
        lines = []
        if result.txts:
            lines = [[box.tolist(), text] for box, text in zip(result.boxes, result.txts, strict=True)]
        rows = Path("/proc/self/status").read_text().splitlines()
        peak = int(next(row.split()[1] for row in rows if row.startswith("VmHWM"))) * 1024
        print(json.dumps({"seconds": seconds, "lines": lines, "peak_bytes": peak}), flush=True)


if __name__ == "__main__":
    main()
