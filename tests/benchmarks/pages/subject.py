"""Reads page after page in a process of its own: a path a line in, a JSON object a line out.

    python -m tests.benchmarks.pages.subject

As the server reads, on one thread and with its heap. Each answer has the processor seconds from the file's bytes to the
text and to its first line, the lines with their polygons, and the most memory that the process has had so far.
"""

import json
import sys
import time
from pathlib import Path

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, PageRead, Reader
from edgeocr.model.timing import Trace
from edgeocr.server.host.heap import tune


def peak_bytes() -> int:
    """The process' own peak, whatever its parent had (proc(5))."""
    rows = Path("/proc/self/status").read_text().splitlines()
    return int(next(row.split()[1] for row in rows if row.startswith("VmHWM"))) * 1024


def main() -> None:
    """Answers until there is no more."""
    tune()
    reader = Reader(Models.load(DEFAULT_FOLDER))
    for path in map(str.strip, sys.stdin):
        data = Path(path).read_bytes()
        started = time.process_time()
        first = None
        page = None
        for result in reader.read(EncodedImage(data), Mode.PAGE, Trace()):
            first = first or time.process_time() - started
            page = result
        seconds = time.process_time() - started
        assert isinstance(page, PageRead)
        lines = [[[[x, y] for x, y in line.polygon], line.text] for line in page.page.lines]
        answer = {"seconds": seconds, "first": first, "lines": lines, "peak_bytes": peak_bytes()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
