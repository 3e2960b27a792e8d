"""Peak resident memory of a process that reads lines of mixed widths on some threads, with the server's weights
and heap.

    python -m tests.benchmarks.memory.lines --lines SETS [--count 2000] [--threads 2]

SETS holds one folder a set, with line images in its folder `images`.
"""

import argparse
import resource
import threading
import time
from itertools import cycle, islice
from pathlib import Path

from edgeocr.model.files.image import EncodedImage
from edgeocr.model.networks.manifest import DEFAULT_FOLDER
from edgeocr.model.options import Mode
from edgeocr.model.pipeline import Models, Reader
from edgeocr.model.timing import Trace
from edgeocr.server.host.heap import tune


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Reads, and prints the peak after loading and after reading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=Path, required=True)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.lines.glob("*/images/*") if path.is_file())
    if not paths:
        parser.error(f"{arguments.lines}: has no SET/images with files")
    tune()
    models = Models.load(DEFAULT_FOLDER)
    loaded = _peak_megabytes()
    # Every so many are far apart in the sorted order, so that sets and widths mix.
    mixed = [path for start in range(7) for path in paths[start::7]]
    work = iter(islice(cycle(mixed), arguments.count))
    lock, counts = threading.Lock(), [0] * arguments.threads

    def read(number: int) -> None:
        reader = Reader(models)
        while True:
            with lock:
                path = next(work, None)
            if path is None:
                return
            for _ in reader.read(EncodedImage(path.read_bytes()), Mode.LINE, Trace()):
                pass
            counts[number] += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(arguments.threads)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - started
    print(
        f"{sum(counts)} lines on {arguments.threads} threads: peak {_peak_megabytes():.0f} MB, "
        f"{loaded:.0f} MB when loaded; {sum(counts) / seconds:.1f} lines/s"
    )


if __name__ == "__main__":
    main()
