"""The time of one page with two workers beside that with one, and when its first line is out.

Two servers, which differ in nothing else, read the same pages in turn over streams; nothing else waits in either. The
machine must have two cores to itself.

    python -m tests.benchmarks.page_workers [--pages FOLDER …] [--rounds 5]

FOLDER is as for `tests.benchmarks.pages`; without one a rendered page of 40 lines is read.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import grpc
import numpy as np

from edgeocr.model.training.detection.recall import read_pages
from edgeocr.proto.edgeocr.v1 import ocr_pb2
from tests.support.rendering import encoded, page
from tests.support.serving import ServerProcess, configuration, image, stub

_LINES = 40


def rendered() -> bytes:
    """A dense page, as a JPEG file."""
    rows = [
        (f"Row {number + 1}: the quick brown fox jumps over {number}", (90, 60 + 40 * number))
        for number in range(_LINES)
    ]
    return encoded(page(rows, 1240, 1754), ".jpg")


def seconds(channel: grpc.Channel, data: bytes) -> tuple[float, float]:
    """Until the first line of an image, and until its end."""
    started = time.perf_counter()
    requests = iter([configuration(ocr_pb2.MODE_PAGE), image("page", data)])
    first = 0.0
    for answer in stub(channel).RecognizeStream(requests):
        first = first or time.perf_counter() - started
        assert not answer.completion.HasField("error"), answer.completion.error
    return first, time.perf_counter() - started


def compare(name: str, images: Sequence[bytes], channels: Sequence[grpc.Channel], rounds: int) -> None:
    """Prints the medians over pages of the ratio of times, and of when the first line is out with each."""
    ratios, first_shares = [], []
    for data in images:
        times = np.array([[seconds(channel, data) for channel in channels] for _ in range(rounds)])
        # The least of several: what else the machine does only adds.
        firsts, ends = times.min(axis=0).T
        ratios.append(ends[1] / ends[0])
        first_shares.append(firsts / ends)
    one, two = np.median(first_shares, axis=0)
    print(
        f"| {name} | {len(images)} | {np.median(ratios):.3f} | {max(ratios):.3f} | {one:.2f} | {two:.2f} |", flush=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, nargs="*", default=[])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    print("| pages | number | two workers ÷ one, median | most | first line, one worker | two |")
    print("| --- |" + " --- |" * 5)
    sets = {folder.name: [page.path.read_bytes() for page in read_pages(folder)] for folder in arguments.pages}
    with (
        ServerProcess("--workers", "1") as one,
        ServerProcess("--workers", "2") as two,
        one.channel() as first,
        two.channel() as second,
    ):
        for name, images in (sets or {"rendered": [rendered()]}).items():
            compare(name, images, (first, second), arguments.rounds)


if __name__ == "__main__":
    main()
